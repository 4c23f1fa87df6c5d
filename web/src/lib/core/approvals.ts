/** New devices: asking for the account key, and handing it over. */
import {
  type Asking,
  readAsking,
  readRequested,
  readSealed,
  type Requested
} from '../api/returns.ts'
import { approvedWords, openAccountKey, requestWords, sealAccountKey } from '../crypto/approval.ts'
import { b64, type Bytes, randomBytes } from '../crypto/bytes.ts'
import { showAccountKey } from '../crypto/codes.ts'
import { checkXPk, hpke } from '../crypto/xwing.ts'
import { deviceName } from './device-name.ts'
import { CoreError } from './errors.ts'
import type { Holder } from './holder.ts'
import { checkedEmail } from './inputs.ts'
import { prelogin } from './keys.ts'

/** A device that asks for the account key, and the words that its own screen must show. */
export type AskingDevice = Omit<Asking, 'xPk'> & { words: string[] }

type Waiting = { email: string; seed: Bytes; xPk: Bytes; requested: Requested }

/** A device without the account key, that asks one which has it. */
export class ApprovalRequest {
  readonly #holder: Holder
  #waiting: Waiting | null = null
  #sealed: Bytes | null = null

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** Asks; the words are to be compared on the signed-in device. */
  async ask(typed: string): Promise<{ words: string[]; expiresIn: number }> {
    const email = checkedEmail(typed)
    const seed = randomBytes(32)
    const xPk = await (await hpke()).publicKey(seed)
    const body = { email, public_key: b64(xPk), device: deviceName() }
    const requested = readRequested(
      await this.#holder.world.http.post('/auth/device-requests', body)
    )
    this.#waiting = { email, seed, xPk, requested }
    this.#sealed = null
    return { words: await requestWords(email, xPk), expiresIn: requested.expiresIn }
  }

  /** The words of the answer, to be compared once more; null while there is none. */
  async answer(): Promise<string[] | null> {
    const { email, xPk, requested } = this.#asked()
    const { id, secret } = requested
    this.#sealed ??= readSealed(
      await this.#holder.world.http.post(`/auth/device-requests/${id}/answer`, { secret })
    )
    return this.#sealed === null ? null : approvedWords(email, xPk, this.#sealed)
  }

  /** The account key, once the words were the same. */
  async accept(): Promise<string> {
    const { email, seed, xPk } = this.#asked()
    if (this.#sealed === null) throw new CoreError('refused', 'no answer yet')
    const { userId } = await prelogin(this.#holder.world.http, email)
    const accountKey = await openAccountKey({ userId, email, xPk }, seed, this.#sealed)
    this.#waiting = this.#sealed = null
    return showAccountKey(accountKey)
  }

  #asked(): Waiting {
    if (this.#waiting === null) throw new CoreError('refused', 'nothing asked')
    return this.#waiting
  }
}

/** The signed-in side. */
export class Approvals {
  readonly #holder: Holder
  readonly #shown = new Map<string, Asking>()

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** The devices that ask, each with the words that its own screen must show. */
  async list(): Promise<AskingDevice[]> {
    const { http, keys } = this.#holder.context
    const asking = readAsking(await http.get('/api/account/device-requests'))
    this.#shown.clear()
    return Promise.all(
      asking.map(async (one) => {
        checkXPk(one.xPk)
        this.#shown.set(one.id, one)
        const { id, device, network, createdAt } = one
        const words = await requestWords(keys.email, one.xPk)
        return { id, device, network, createdAt, words }
      })
    )
  }

  /**
   * Seals the account key for the very key whose words the person compared; takes a fresh proof.
   * While that is given the list goes on, and a server could put another key under the same id.
   */
  async approve({ id, words }: Pick<AskingDevice, 'id' | 'words'>): Promise<string[]> {
    const shown = this.#shown.get(id)
    const { http, keys } = this.#holder.context
    const { email, userId } = keys
    if (shown === undefined || String(await requestWords(email, shown.xPk)) !== String(words)) {
      throw new CoreError('refused', 'these words are not those of the request')
    }
    const { accountKey } = await this.#holder.record()
    if (accountKey === null) throw new CoreError('account-key-needed')
    const sealed = await sealAccountKey({ userId, email, xPk: shown.xPk }, accountKey)
    await http.put(`/api/account/device-requests/${id}`, { sealed: b64(sealed) })
    return approvedWords(email, shown.xPk, sealed)
  }

  /** Turns a device down. */
  async refuse(id: string): Promise<void> {
    await this.#holder.context.http.delete(`/api/account/device-requests/${id}`)
  }
}
