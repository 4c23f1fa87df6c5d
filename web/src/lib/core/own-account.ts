/** What a person does to their own account, once it is open. */
import { showAccountKey } from '../crypto/codes.ts'
import type { Holder } from './holder.ts'
import { checkedPassword } from './inputs.ts'
import { byPassword } from './keys.ts'

/** The account's own keys and codes. */
export class OwnAccount {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** The account key again, for another emergency kit. */
  async accountKey(a: { password: string }): Promise<string> {
    const record = await this.#holder.record()
    const password = checkedPassword(a.password, 'wrong-password')
    const masterKey = await this.#holder.derive(password, record)
    await this.#holder.unseal(record, byPassword(masterKey, 'wrong-password'))
    return showAccountKey(record.accountKey)
  }
}
