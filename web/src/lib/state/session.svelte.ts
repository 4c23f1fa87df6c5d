/** Who is here: nobody known, somebody locked out, or somebody whose keys are open. */
import type { Core } from '../core/index.ts'

/** The account in this browser, and the ways in and out. */
export class Session {
  readonly #core: Core
  readonly #forgetState: () => void
  state = $state<'unknown' | 'new' | 'locked' | 'open'>('unknown')
  email = $state('')
  /** The id that marks a change as one's own. */
  userId = $state('')
  /** Why it was locked, where that was not the reader's own wish. */
  reason = $state('')

  constructor(core: Core, forgetState: () => void) {
    this.#core = core
    this.#forgetState = forgetState
  }

  /** Asks what this browser knows. */
  async look(): Promise<void> {
    const { state, email } = await this.#core.entrance.status()
    this.email = email ?? ''
    this.state = state
  }

  async logIn(a: { email: string; password: string; accountKey?: string }): Promise<void> {
    await this.#core.entrance.logIn(a)
    await this.#opened(a.email)
  }

  async unlock(password: string): Promise<void> {
    await this.#core.entrance.unlock({ password })
    await this.#opened(this.email)
  }

  /** Makes the keys of an account; it is the reader's once `confirmSignUp` has sent it. */
  prepareSignUp(a: {
    email: string
    password: string
  }): ReturnType<Core['entrance']['prepareSignUp']> {
    return this.#core.entrance.prepareSignUp(a)
  }

  async confirmSignUp(email: string): Promise<void> {
    await this.#core.entrance.confirmSignUp()
    await this.#opened(email)
  }

  /** Drops keys and everything decrypted, at once. */
  lock(reason = ''): void {
    if (this.state !== 'open') return
    this.#core.lock()
    this.#closed('locked', reason)
  }

  async logOut(): Promise<void> {
    await this.#core.entrance.logOut()
    this.#core.lock()
    this.#closed('locked', '')
  }

  /** Removes the account from this browser; to come back takes the account key. */
  async forget(): Promise<void> {
    await this.#core.entrance.forget()
    this.#core.lock()
    this.email = ''
    this.#closed('new', '')
  }

  /** The account key again, for another kit. */
  accountKey(password: string): Promise<string> {
    return this.#core.account.accountKey({ password })
  }

  async #opened(email: string): Promise<void> {
    const { userId } = await this.#core.entrance.status()
    this.email = email
    this.userId = userId ?? ''
    this.reason = ''
    this.state = 'open'
  }

  #closed(state: 'new' | 'locked', reason: string): void {
    this.#forgetState()
    this.reason = reason
    this.state = state
  }
}
