/** One's own account: what there is to know of it, and its keys. */
import type { Core } from '../core/index.ts'
import type { Proof } from './proof.svelte.ts'
import type { Session } from './session.svelte.ts'

/** A recovery that somebody has begun, as the server tells of it. */
export type Recovery = NonNullable<Awaited<ReturnType<Core['account']['notes']>>['recovery']>

/** Changes of the account; each asks for a fresh proof, and false means that it was not given. */
export class Account {
  readonly #core: Core
  readonly #proof: Proof
  readonly #session: Session
  recovery = $state.raw<Recovery | null>(null)

  constructor(core: Core, proof: Proof, session: Session) {
    this.#core = core
    this.#proof = proof
    this.#session = session
  }

  /** What the server says of the account. */
  notes(): ReturnType<Core['account']['notes']> {
    return this.#core.account.notes()
  }

  /** Looks whether there is something to tell. What fails here is told by what is done next. */
  async look(): Promise<void> {
    try {
      const { email, recovery } = await this.#core.account.notes()
      this.#session.email = email
      this.recovery = recovery
    } catch {
      this.recovery = null
    }
  }

  async stopRecovery(): Promise<void> {
    await this.#core.account.stopRecovery()
    this.recovery = null
  }

  /** The account key, for another kit. */
  async accountKey(): Promise<string | null> {
    return (await this.#proof.given('show the Emergency Kit'))
      ? this.#core.account.accountKey()
      : null
  }

  /** Resolves to null without a proof, and to false where a mailed link has to confirm it. */
  async changeEmail(email: string): Promise<boolean | null> {
    if (!(await this.#proof.given('change the e-mail'))) return null
    const changed = await this.#core.account.changeEmail({ email })
    if (changed) this.#session.email = email.trim().toLowerCase()
    return changed
  }

  changePassword(password: string): Promise<boolean> {
    return this.#change('change the password', () =>
      this.#core.newKeys.changePassword({ password })
    )
  }

  makeAccountKey(): Promise<string> {
    return this.#core.newKeys.makeAccountKey()
  }

  makeRecoveryCode(): Promise<string> {
    return this.#core.newKeys.makeRecoveryCode()
  }

  changeAccountKey(): Promise<boolean> {
    return this.#change('replace the account key', () => this.#core.newKeys.changeAccountKey())
  }

  changeRecoveryCode(): Promise<boolean> {
    return this.#change('replace the recovery code', () => this.#core.newKeys.changeRecoveryCode())
  }

  rotate(): Promise<boolean> {
    return this.#change('replace all keys', () => this.#core.newKeys.rotate())
  }

  /** Everything that the account holds, readable, as the text of a file. */
  async copy(onProgress: (done: number, total: number) => void): Promise<string | null> {
    if (!(await this.#proof.given('export everything'))) return null
    return this.#core.copies.make(onProgress)
  }

  /** Ends the account. */
  async remove(): Promise<boolean> {
    if (!(await this.#proof.given('delete the account'))) return false
    await this.#core.account.remove()
    this.#session.tellTabs()
    this.#session.ended()
    return true
  }

  clear(): void {
    this.recovery = null
    this.#proof.refuse()
  }

  async #change(deed: string, send: () => Promise<void>): Promise<boolean> {
    if (!(await this.#proof.given(deed))) return false
    await send()
    this.#session.tellTabs()
    return true
  }
}
