/** The ways in and out: signing up, logging in, unlocking, leaving. */
import { readKeyring } from '../api/answers.ts'
import { Problem } from '../api/http.ts'
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

type Asked = { email: string; userId: string; salt: Bytes }

/** What can be asked before an account is open. */
export class Entrance {
  readonly #holder: Holder
  #registration: Registration | null = null

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
    return { state: 'locked', email: record.email, userId: record.userId }
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
      await this.#enter(made, made.accountKey, made.masterKey, null)
    } catch (ex) {
      throw exists === null || toCoreError(ex).code !== 'wrong-credentials' ? ex : exists
    }
    this.#registration = null
  }

  /** `accountKey` is needed when this browser does not know it. */
  async logIn(a: { email: string; password: string; accountKey?: string }): Promise<void> {
    const email = checkedEmail(a.email)
    const password = checkedPassword(a.password)
    const record = await this.#holder.world.device.load()
    const known = record?.email === email ? record : null
    const accountKey = await chooseAccountKey(a.accountKey, known)
    const { userId, salt } = await prelogin(this.#holder.world.http, email)
    if (known !== null && known.userId !== userId) throw new Broken('another account')
    const masterKey = await this.#holder.derive(password, { salt, accountKey, userId })
    await this.#enter({ email, userId, salt }, accountKey, masterKey, known)
  }

  /** Opens what this browser keeps; logs in again by itself if the session is over. */
  async unlock(a: { password: string }): Promise<void> {
    const record = await this.#holder.record()
    // the newest keyring is on its way while the password is being stretched
    const answer = this.#holder.world.http.get('/api/account/keyring').then(
      (json) => ({ json }),
      (problem: unknown) => ({ problem })
    )
    const password = checkedPassword(a.password, 'wrong-password')
    const masterKey = await this.#holder.derive(password, record)
    const context = await this.#holder.unseal(record, byPassword(masterKey, 'wrong-password'))
    const arrived = await answer
    if ('json' in arrived) await context.keeper.take(readKeyring(arrived.json))
    else {
      const { code } = toCoreError(arrived.problem)
      if (code === 'session-ended') return this.#renew(record, a.password, masterKey)
      if (code !== 'offline' && code !== 'unavailable') throw arrived.problem
    }
    this.#holder.open(context)
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
  async #renew(record: DeviceRecord, password: string, masterKey: Bytes): Promise<void> {
    const { email, userId, accountKey } = record
    const asked = await prelogin(this.#holder.world.http, email)
    if (asked.userId !== userId) throw new Broken('another account')
    const same = String(asked.salt) === String(record.salt)
    const key = same
      ? masterKey
      : await this.#holder.derive(checkedPassword(password), { ...asked, accountKey })
    await this.#enter({ email, ...asked }, accountKey, key, record)
  }

  /** Starts a session, opens all that it brings, and remembers it here. */
  async #enter(
    asked: Asked,
    accountKey: Bytes,
    masterKey: Bytes,
    known: DeviceRecord | null
  ): Promise<void> {
    const { email } = asked
    const login = await startSession(this.#holder.world.http, email, await deriveAuth(masterKey))
    checkLogin(login, asked, known)
    await this.#holder.enter(login, { email, accountKey }, byPassword(masterKey, 'broken'))
  }
}
