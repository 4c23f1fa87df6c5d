/** Where the account is logged in. */
import { type ListedSession, readSessions } from '../api/sessions.ts'
import { Broken } from '../crypto/errors.ts'
import type { Holder } from './holder.ts'

const PATH = '/api/account/sessions'

/** The sessions of the open account. */
export class Sessions {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  async list(): Promise<ListedSession[]> {
    const found: ListedSession[] = []
    for (let after: string | null = ''; after !== null;) {
      const query: string = after === '' ? '' : `?after=${encodeURIComponent(after)}`
      const page = readSessions(await this.#holder.context.http.get(PATH + query))
      if (page.items.length === 0 && page.next !== null) throw new Broken('an endless list')
      found.push(...page.items)
      after = page.next
    }
    return found
  }

  /** Ends one, at once and everywhere. */
  end(id: string): Promise<void> {
    return this.#holder.context.http.delete(`${PATH}/${id}`)
  }

  /** Ends all but this one. */
  endOthers(): Promise<void> {
    return this.#holder.context.http.delete(PATH)
  }
}
