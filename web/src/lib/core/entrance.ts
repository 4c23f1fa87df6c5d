/** The ways in and out: signing up, logging in, unlocking, leaving. */
import { readKeyring, readLogin } from '../api/answers.ts'
import { Problem } from '../api/http.ts'
import type { Needed } from '../api/second-factors.ts'
import type { Bytes } from '../crypto/bytes.ts'
import { Broken } from '../crypto/errors.ts'
import { deriveAuth } from '../crypto/kdf.ts'
import type { DeviceRecord } from './device.ts'
import { CoreError } from './errors.ts'
import { toCoreError } from './failures.ts'
import type { Holder } from './holder.ts'
import { checkedEmail, checkedPassword, chooseAccountKey } from './inputs.ts'
import { byPassword, checkLogin, prelogin, startSession } from './keys.ts'
import { register, type Registration, send } from './sign-up.ts'
import type { Status } from './types.ts'

/** A login that has begun: who it is of, and what will open all that it brings. */
type Begun = {
  email: string
  userId: string
  salt: Bytes
  accountKey: Bytes
  masterKey: Bytes
  known: DeviceRecord | null
}

/** What can be asked before an account is open. */
export class Entrance {
  readonly #holder: Holder
  #registration: Registration | null = null
  #waiting: (Begun & { challenge: string }) | null = null

  constructor(holder: Holder) {
    this.#holder = holder
  }

  async status(): Promise<Status> {
    const record = await this.#holder.world.device.load()
    const { opened } = this.#holder
    if (opened !== null) {
      const { email, userId } = opened.keys
      return { state: 'open', email, userId }
    }
    if (record === null) return { state: 'new' }
    const { email, userId, accountKey, passkeys } = record
    return { state: 'locked', email, userId, keyed: accountKey !== null, passkeys: passkeys.length }
  }

  /** Makes the keys of a new account; nothing is sent yet. */
  async prepareSignUp(a: {
    email: string
    password: string
  }): Promise<{ accountKey: string; recoveryCode: string; userId: string }> {
    const password = checkedPassword(a.password)
    this.#registration = await register(checkedEmail(a.email), password, this.#holder.stretch)
    return { ...this.#registration.shown, userId: this.#registration.userId }
  }

  /** Sends what `prepareSignUp` made, and logs in. */
  async confirmSignUp(): Promise<void> {
    const made = this.#registration
    if (made === null) throw new CoreError('refused', 'nothing prepared')
    let exists: Problem | null = null
    try {
      await send(this.#holder.world.http, made)
    } catch (ex) {
      // after a lost answer the account that exists is this one: the login tells
      if (!(ex instanceof Problem && ex.slug === 'account-exists')) throw ex
      exists = ex
    }
    try {
      const needed = await this.#start({ ...made, known: null })
      if (needed !== null) throw new Broken('a second factor of a new account')
    } catch (ex) {
      throw exists === null || toCoreError(ex).code !== 'wrong-credentials' ? ex : exists
    }
    this.#registration = null
  }

  /**
   * Logs in; `accountKey` is needed where this browser does not know it.
   *
   * @returns what has to be answered first by `proveCode` or `provePasskey`, or null
   */
  async logIn(a: { email: string; password: string; accountKey?: string }): Promise<Needed | null> {
    const email = checkedEmail(a.email)
    const password = checkedPassword(a.password)
    const record = await this.#holder.world.device.load()
    const known = record?.email === email ? record : null
    const accountKey = await chooseAccountKey(a.accountKey, known)
    const { userId, salt } = await prelogin(this.#holder.world.http, email)
    if (known !== null && known.userId !== userId) throw new Broken('another account')
    const masterKey = await this.#holder.derive(password, { salt, accountKey, userId })
    return this.#start({ email, userId, salt, accountKey, masterKey, known })
  }

  /** Answers with a code of the authenticator app, or a backup code. */
  proveCode(code: string): Promise<void> {
    return this.#prove('totp', { code })
  }

  /** Answers with what a passkey signed. */
  provePasskey(credential: object): Promise<void> {
    return this.#prove('passkey', { credential })
  }

  /**
   * Opens what this browser keeps; logs in again by itself if the session is over.
   *
   * @returns what has to be answered first, as `logIn` does
   */
  async unlock(a: { password: string; accountKey?: string }): Promise<Needed | null> {
    const kept = await this.#holder.record()
    const accountKey = await chooseAccountKey(a.accountKey, kept)
    const record = { ...kept, accountKey }
    const password = checkedPassword(a.password, 'wrong-password')
    // the newest keyring is on its way while the password is being stretched
    const answer = this.#holder.world.http.get('/api/account/keyring').then(
      (json) => ({ json }),
      (problem: unknown) => ({ problem })
    )
    const masterKey = await this.#holder.derive(password, record)
    const opened = await this.#holder.unseal(record, byPassword(masterKey, 'wrong-password')).then(
      (context) => ({ context }),
      (problem: unknown) => ({ problem })
    )
    const arrived = await answer
    const code = 'problem' in arrived ? toCoreError(arrived.problem).code : null
    if (code === 'session-ended') return this.#renew(record, password, masterKey, opened)
    if ('problem' in opened) throw opened.problem
    if ('json' in arrived) await opened.context.keeper.take(readKeyring(arrived.json))
    else if (code !== 'offline' && code !== 'unavailable') throw arrived.problem
    await this.#holder.learn(accountKey)
    this.#holder.open(opened.context)
    return null
  }

  async logOut(): Promise<void> {
    this.#holder.close()
    try {
      await this.#holder.world.http.delete('/auth/sessions/current')
    } catch (ex) {
      if (toCoreError(ex).code !== 'session-ended') throw ex
    }
  }

  /** Logs out and removes the account from this browser. */
  async forget(): Promise<void> {
    await this.#holder.world.device.clear()
    await this.logOut()
  }

  /** The session is over: proves the password again, with the salt that now holds. */
  async #renew(
    known: DeviceRecord & { accountKey: Bytes },
    password: Bytes,
    masterKey: Bytes,
    opened: { context: unknown } | { problem: unknown }
  ): Promise<Needed | null> {
    const { email, accountKey } = known
    const asked = await prelogin(this.#holder.world.http, email)
    if (asked.userId !== known.userId) {
      // the account has another address by now, or this one belongs to somebody else
      throw new CoreError('wrong-credentials', 'another account', { field: 'email' })
    }
    const begun = { ...asked, email, accountKey, known }
    if (String(asked.salt) === String(known.salt)) {
      if ('problem' in opened) throw opened.problem
      return this.#start({ ...begun, masterKey })
    }
    // the password or the account key were changed elsewhere
    const renewed = await this.#holder.derive(password, begun)
    return this.#start({ ...begun, masterKey: renewed }).catch((ex: unknown) => {
      if (toCoreError(ex).code !== 'wrong-credentials') throw ex
      throw new CoreError('account-key-needed', 'changed elsewhere', { field: 'accountKey' })
    })
  }

  /** Starts a session, or waits for a second factor. */
  async #start(begun: Begun): Promise<Needed | null> {
    const { http } = this.#holder.world
    const answer = await startSession(http, begun.email, await deriveAuth(begun.masterKey))
    this.#waiting = null
    if ('challenge' in answer) {
      this.#waiting = { ...begun, challenge: answer.challenge }
      return answer
    }
    await this.#enter(answer, begun)
    return null
  }

  async #prove(by: 'totp' | 'passkey', answer: object): Promise<void> {
    const waiting = this.#waiting
    if (waiting === null) throw new CoreError('challenge-ended', 'nothing is asked')
    const { challenge } = waiting
    const json = await this.#holder.world.http.post(`/auth/sessions/${by}`, {
      challenge,
      ...answer
    })
    this.#waiting = null
    await this.#enter(readLogin(json), waiting)
  }

  /** Opens all that a session brings, and remembers it here. */
  async #enter(login: ReturnType<typeof readLogin>, begun: Begun): Promise<void> {
    checkLogin(login, begun, begun.known)
    const { email, accountKey, masterKey, known } = begun
    await this.#holder.enter(login, { email, accountKey }, byPassword(masterKey, 'broken'), known)
  }
}
