/** Fresh proofs: what a login takes, given again before something that cannot be undone. */
import { type Needed, readNeeded } from '../api/second-factors.ts'
import { Problem } from '../api/http.ts'
import { b64, type Bytes } from '../crypto/bytes.ts'
import { deriveAuth } from '../crypto/kdf.ts'
import { CoreError } from './errors.ts'
import type { Holder } from './holder.ts'
import { checkedPassword, chooseAccountKey } from './inputs.ts'
import { byPassword } from './keys.ts'

/** The two secrets that were proved; whoever makes new keys needs them. */
export type Secrets = { password: Bytes; accountKey: Bytes }

const GOOD_FOR_MS = 5 * 60_000

/** What was proved lately; the page never gets it back. */
export class Proven {
  #kept: Secrets | null = null

  /** Keeps it as long as the server's side of the proof holds, and no longer. */
  keep(secrets: Secrets): void {
    this.#kept = secrets
    setTimeout(() => {
      if (this.#kept === secrets) this.#kept = null
    }, GOOD_FOR_MS)
  }

  /** Gives it to the one deed that it is good for. */
  take(): Secrets {
    const kept = this.#kept
    this.#kept = null
    if (kept === null) throw new CoreError('proof-needed')
    return kept
  }
}

/** Proves to the server, and before that here, who is asking. */
export class Proofs {
  readonly #holder: Holder
  readonly #proven: Proven
  #begun: (Secrets & { auth: string; challenge: string }) | null = null

  constructor(holder: Holder, proven: Proven) {
    this.#holder = holder
    this.#proven = proven
  }

  /** Proves the password; what is asked besides it where the account has a second factor. */
  async prove(a: { password: string; accountKey?: string }): Promise<Needed | null> {
    const record = await this.#holder.record()
    const accountKey = await chooseAccountKey(a.accountKey, record)
    const password = checkedPassword(a.password, 'wrong-password')
    const masterKey = await this.#holder.derive(password, { ...record, accountKey })
    await this.#holder.unseal(record, byPassword(masterKey, 'wrong-password'))
    await this.#holder.learn(accountKey)
    const auth = b64(await deriveAuth(masterKey))
    this.#begun = { password, accountKey, auth, challenge: '' }
    try {
      await this.#send({})
      return null
    } catch (ex) {
      if (!(ex instanceof Problem && ex.slug === 'second-factor-needed')) throw ex
      const needed = readNeeded(ex.body)
      this.#begun.challenge = needed.challenge
      return needed
    }
  }

  /** Answers with a code of the authenticator app, or a backup code. */
  proveCode(code: string): Promise<void> {
    return this.#send({ code })
  }

  /** Answers with what a passkey signed. */
  provePasskey(credential: object): Promise<void> {
    return this.#send({ challenge: this.#begun?.challenge, credential })
  }

  async #send(answer: object): Promise<void> {
    const begun = this.#begun
    if (begun === null) throw new CoreError('challenge-ended')
    const { auth, password, accountKey } = begun
    await this.#holder.world.http.post('/auth/sessions/current/proof', { auth, ...answer })
    this.#begun = null
    this.#proven.keep({ password, accountKey })
  }
}
