/** One vault of an open account, and the turns in which it is worked on. */
import { makePin } from '../crypto/pins.ts'
import { VaultBox } from './box.ts'
import { Contents } from './contents.ts'
import type { Context } from './context.ts'
import type { CoreError } from './errors.ts'
import { isAlarm, toCoreError } from './failures.ts'
import { History } from './history.ts'
import { Writer } from './writer.ts'

/** Its contents and its writer, for one piece of work at a time. */
export class OpenVault {
  readonly contents: Contents
  readonly writer: Writer
  readonly #context: Context
  #turn: Promise<unknown> = Promise.resolve()
  #alarm: CoreError | null = null

  constructor(context: Context, vaultId: string) {
    const { keyring } = context.keeper
    const history = new History(context.http, vaultId, keyring.anchor(vaultId).pin)
    const box = new VaultBox(vaultId, keyring.vaultKeys(vaultId))
    this.#context = context
    this.contents = new Contents(context, history, box)
    this.writer = new Writer(context, this.contents)
  }

  /** Does `work` after what came before it; after an alarm nothing is done any more. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      if (this.#alarm !== null) throw this.#alarm
      try {
        return await work()
      } catch (ex) {
        const error = toCoreError(ex)
        if (isAlarm(error)) this.#alarm = error
        throw error
      }
    })
    this.#turn = result.catch(() => undefined)
    return result
  }

  /** Raises the pins. What keeps the keyring from being saved now is mended by the next save. */
  async pin(): Promise<void> {
    const { keeper } = this.#context
    const { history, accesses } = this.contents
    const { state, vaultId } = history
    const moved = keeper.keyring.raisePin(vaultId, makePin(state))
    const seen = accesses.head.seq > 0n && keeper.keyring.raiseAuditPin(vaultId, accesses.head)
    if (!moved && !seen) return
    try {
      await keeper.save()
    } catch (ex) {
      if (isAlarm(toCoreError(ex))) throw ex
    }
  }
}
