/** The vaults of an account as the server lists them. */
import { type ListedVault, readVaults } from '../api/answers.ts'
import type { Http } from '../api/http.ts'
import type { CoreError } from './errors.ts'
import { isAlarm, toCoreError } from './failures.ts'

/** After an answer that is no such list, nothing is asked about any vault any more. */
export class ListOfVaults {
  readonly #http: Http
  #alarm: CoreError | null = null

  constructor(http: Http) {
    this.#http = http
  }

  async fetch(): Promise<ListedVault[]> {
    this.check()
    try {
      return readVaults(await this.#http.get('/api/account/vaults'))
    } catch (ex) {
      const error = toCoreError(ex)
      if (isAlarm(error)) this.#alarm = error
      throw error
    }
  }

  /** Throws what was wrong with the list. */
  check(): void {
    if (this.#alarm !== null) throw this.#alarm
  }
}
