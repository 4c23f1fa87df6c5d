/** Who is here: nobody known, somebody locked out, or somebody whose keys are open. */
import { CoreError, type Core } from '../core/index.ts'
import { askPasskey } from '../webauthn.ts'
import type { Needed } from '../api/second-factors.ts'

const CHANNEL = 'keyarc'

/** The account in this browser, and the ways in and out. */
export class Session {
  readonly #core: Core
  readonly #forgetState: () => void
  /** The other tabs of this browser, which hold keys of their own. */
  readonly #tabs = new BroadcastChannel(CHANNEL)
  state = $state<'unknown' | 'new' | 'locked' | 'open'>('unknown')
  email = $state('')
  /** The id that marks a change as one's own. */
  userId = $state('')
  /** Whether this browser has the account key, and how many passkeys can unlock here. */
  keyed = $state(true)
  passkeys = $state(0)
  /** What a login still waits for. */
  needed = $state.raw<Needed | null>(null)
  /** Why it was locked, where that was not the reader's own wish. */
  reason = $state('')

  constructor(core: Core, forgetState: () => void) {
    this.#core = core
    this.#forgetState = forgetState
    this.#tabs.onmessage = ({ data }: MessageEvent<string>) => {
      this.lock(data)
      void this.look()
    }
  }

  /** Asks what this browser knows. */
  async look(): Promise<void> {
    const status = await this.#core.entrance.status()
    this.email = status.state === 'new' ? '' : status.email
    if (status.state === 'locked') {
      this.keyed = status.keyed
      this.passkeys = status.passkeys
    }
    this.state = status.state
  }

  logIn(a: { email: string; password: string; accountKey?: string }): Promise<void> {
    return this.#enter(a.email, this.#core.entrance.logIn(a))
  }

  unlock(password: string, accountKey?: string): Promise<void> {
    const key = accountKey === undefined ? {} : { accountKey }
    return this.#enter(this.email, this.#core.entrance.unlock({ password, ...key }))
  }

  /** Answers what the login waits for by a code; a question that is over is put away. */
  proveCode(code: string): Promise<void> {
    return this.#prove(this.#core.entrance.proveCode(code))
  }

  /** Answers what the login waits for by what a passkey signed. */
  provePasskey(credential: object): Promise<void> {
    return this.#prove(this.#core.entrance.provePasskey(credential))
  }

  /** Logs in, or unlocks, by one touch of a passkey. */
  async logInByPasskey(): Promise<void> {
    const answer = await askPasskey(await this.#core.passkeyLogin.ask())
    await this.#core.passkeyLogin.enter(answer)
    await this.opened()
  }

  /** Makes the keys of an account; it is the reader's once `confirmSignUp` has sent it. */
  prepareSignUp(a: {
    email: string
    password: string
  }): ReturnType<Core['entrance']['prepareSignUp']> {
    return this.#core.entrance.prepareSignUp(a)
  }

  async confirmSignUp(): Promise<void> {
    await this.#core.entrance.confirmSignUp()
    await this.opened()
  }

  /** Drops keys and everything decrypted, at once. */
  lock(reason = ''): void {
    if (this.state !== 'open') return
    this.#core.lock()
    this.#closed('locked', reason)
  }

  /** Locks the other tabs: what they hold is over. */
  tellTabs(reason = 'The account was changed in another tab.'): void {
    this.#tabs.postMessage(reason)
  }

  async logOut(): Promise<void> {
    await this.#core.entrance.logOut()
    this.tellTabs('You logged out in another tab.')
    this.#core.lock()
    this.#closed('locked', '')
  }

  /** Removes the account from this browser; to come back takes the account key. */
  async forget(): Promise<void> {
    await this.#core.entrance.forget()
    this.tellTabs()
    this.#core.lock()
    this.email = ''
    this.#closed('new', '')
  }

  /** Notes that there is no account here any more. */
  ended(): void {
    this.#core.lock()
    this.email = ''
    this.#closed('new', '')
  }

  /** Notes that the core has opened an account. */
  async opened(): Promise<void> {
    const status = await this.#core.entrance.status()
    if (status.state !== 'open') return
    this.email = status.email
    this.userId = status.userId
    this.reason = ''
    this.needed = null
    this.state = 'open'
  }

  async #enter(email: string, login: Promise<Needed | null>): Promise<void> {
    this.needed = await login
    this.email = email
    if (this.needed === null) await this.opened()
  }

  async #prove(proved: Promise<void>): Promise<void> {
    try {
      await proved
    } catch (ex) {
      if (ex instanceof CoreError && ex.code === 'challenge-ended') this.needed = null
      throw ex
    }
    await this.opened()
  }

  #closed(state: 'new' | 'locked', reason: string): void {
    this.#forgetState()
    this.needed = null
    this.reason = reason
    this.state = state
    if (state === 'locked') void this.look()
  }
}
