/** Something that a reader asked for: whether it goes on, and in words why it failed. */
import { CoreError, type CoreErrorCode } from '../core/errors.ts'
import { explain, type Notice } from '../explain.ts'

export class Attempt {
  busy = $state(false)
  notice = $state.raw<Notice | null>(null)
  /** What belongs beside the field that was typed into, and not above the form. */
  wrong = $state('')
  readonly #beside: readonly CoreErrorCode[]

  /** `beside` names the errors that belong beside a field. */
  constructor(...beside: CoreErrorCode[]) {
    this.#beside = beside
  }

  /** Does one thing at a time; `failed` is the title of what is said of an error. */
  async run(work: () => Promise<unknown>, failed = 'Nothing was changed'): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.notice = null
    this.wrong = ''
    try {
      await work()
    } catch (error) {
      const said = explain(error, failed)
      if (error instanceof CoreError && this.#beside.includes(error.code)) this.wrong = said.text
      else this.notice = said
    } finally {
      this.busy = false
    }
  }
}
