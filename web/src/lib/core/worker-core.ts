/** The core itself, as it runs in its worker. */
import { type Http, Problem } from '../api/http.ts'
import { readKeyring } from '../api/answers.ts'
import type { Stretch } from '../crypto/argon2id.ts'
import type { Bytes } from '../crypto/bytes.ts'
import { showAccountKey } from '../crypto/codes.ts'
import { Broken } from '../crypto/errors.ts'
import { deriveAuth, deriveKek, deriveMasterKey } from '../crypto/kdf.ts'
import { Keyring } from '../crypto/keyring.ts'
import { type Context, type Note, timed } from './context.ts'
import type { Device, DeviceRecord } from './device.ts'
import { CoreError } from './errors.ts'
import { toCoreError } from './failures.ts'
import { checkedEmail, checkedPassword, chooseAccountKey } from './inputs.ts'
import { checkLogin, KeyringKeeper, openKeys, prelogin, startSession } from './keys.ts'
import { register, type Registration, send } from './sign-up.ts'
import type { Core, Details, Head, Overview, Progress, Row, Status, Vault } from './types.ts'
import { Vaults } from './vaults.ts'

/** What a core needs of the world. */
export type World = { http: Http; device: Device; stretch: Stretch; note: Note }

type Open = { context: Context; vaults: Vaults }

/** Every call of `Core` but `lock`, which ends the whole worker. */
export class WorkerCore implements Omit<Core, 'lock'> {
  readonly #world: World
  #open: Open | null = null
  #registration: Registration | null = null

  constructor(world: World) {
    this.#world = world
  }

  async status(): Promise<Status> {
    const record = await this.#world.device.load()
    if (this.#open !== null) {
      const { email, userId } = this.#open.context.keys
      return { state: 'open', email, userId }
    }
    if (record === null) return { state: 'new' }
    return { state: 'locked', email: record.email, userId: record.userId }
  }

  async prepareSignUp(a: { email: string; password: string }) {
    const password = checkedPassword(a.password)
    this.#registration = await register(checkedEmail(a.email), password, this.#stretch)
    return { ...this.#registration.shown, userId: this.#registration.userId }
  }

  async confirmSignUp(): Promise<void> {
    const made = this.#registration
    if (made === null) throw new CoreError('refused', 'nothing prepared')
    let exists: Problem | null = null
    try {
      await send(this.#world.http, made)
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

  async logIn(a: { email: string; password: string; accountKey?: string }): Promise<void> {
    const email = checkedEmail(a.email)
    const password = checkedPassword(a.password)
    const record = await this.#world.device.load()
    const known = record?.email === email ? record : null
    const accountKey = await chooseAccountKey(a.accountKey, known)
    const { userId, salt } = await prelogin(this.#world.http, email)
    if (known !== null && known.userId !== userId) throw new Broken('another account')
    const masterKey = await this.#derive(password, salt, accountKey, userId)
    await this.#enter({ email, userId, salt }, accountKey, masterKey, known)
  }

  async unlock(a: { password: string }): Promise<void> {
    const record = await this.#world.device.load()
    if (record === null) throw new CoreError('account-key-needed')
    // the newest keyring is on its way while the password is being stretched
    const answer = this.#world.http.get('/api/account/keyring').then(
      (json) => ({ json }),
      (problem: unknown) => ({ problem })
    )
    const masterKey = await this.#deriveKnown(a.password, record)
    const context = await this.#openRecord(record, masterKey, 'wrong-password')
    const arrived = await answer
    if ('json' in arrived) await context.keeper.take(readKeyring(arrived.json))
    else {
      const { code } = toCoreError(arrived.problem)
      if (code === 'session-ended') return this.#renew(record, a.password, masterKey)
      if (code !== 'offline' && code !== 'unavailable') throw arrived.problem
    }
    this.#open = { context, vaults: new Vaults(context) }
  }

  async logOut(): Promise<void> {
    this.#open = null
    try {
      await this.#world.http.delete('/auth/sessions/current')
    } catch (ex) {
      if (toCoreError(ex).code !== 'session-ended') throw ex
    }
  }

  async forget(): Promise<void> {
    await this.#world.device.clear()
    await this.logOut()
  }

  async accountKey(a: { password: string }): Promise<string> {
    const record = await this.#world.device.load()
    if (record === null) throw new CoreError('account-key-needed')
    const masterKey = await this.#deriveKnown(a.password, record)
    await this.#openRecord(record, masterKey, 'wrong-password')
    return showAccountKey(record.accountKey)
  }

  async vaults(): Promise<Vault[]> {
    return this.#vaults().list()
  }

  async createVault(a: { name: string; description: string; icon: string }): Promise<Vault> {
    const { name, description, icon } = a
    return this.#vaults().create({ name, description, icon })
  }

  async open(vaultId: string, onRows: (rows: Row[], progress: Progress) => void): Promise<Head> {
    return this.#vaults().open(vaultId, onRows)
  }

  async details(vaultId: string, secretId: string): Promise<Details> {
    return this.#vaults().details(vaultId, secretId)
  }

  async save(
    vaultId: string,
    secretId: string | null,
    overview: Overview,
    details: Details,
    seen?: string
  ): Promise<Row> {
    return this.#vaults().save(vaultId, secretId, overview, details, seen)
  }

  async remove(vaultId: string, secretIds: string[]): Promise<void> {
    return this.#vaults().remove(vaultId, secretIds)
  }

  async restore(vaultId: string, secretId: string): Promise<Row> {
    return this.#vaults().restore(vaultId, secretId)
  }

  #vaults(): Vaults {
    if (this.#open === null) throw new CoreError('refused', 'locked')
    return this.#open.vaults
  }

  readonly #stretch: Stretch = (password, salt) =>
    timed(this.#world.note, 'keyarc:derive', () => this.#world.stretch(password, salt))

  async #derive(password: Bytes, salt: Bytes, accountKey: Bytes, userId: string): Promise<Bytes> {
    return deriveMasterKey(await this.#stretch(password, salt), accountKey, userId)
  }

  #deriveKnown(password: string, record: DeviceRecord): Promise<Bytes> {
    const { salt, accountKey, userId } = record
    return this.#derive(checkedPassword(password, 'wrong-password'), salt, accountKey, userId)
  }

  /** Opens what a login brought or this browser keeps. */
  async #openRecord(
    record: DeviceRecord,
    masterKey: Bytes,
    unopened: 'broken' | 'wrong-password'
  ): Promise<Context> {
    const keys = await openKeys(record, await deriveKek(masterKey), new CoreError(unopened))
    const { http, device, note } = this.#world
    const keyring = await Keyring.open(keys.userKey, keys.userId, record.revision, record.keyring)
    const keeper = new KeyringKeeper(http, device, keys, keyring, record.revision)
    return { http, keys, keeper, note }
  }

  /** The session is over: proves the password again, with the salt that now holds. */
  async #renew(record: DeviceRecord, password: string, masterKey: Bytes): Promise<void> {
    const { email, userId, accountKey } = record
    const asked = await prelogin(this.#world.http, email)
    if (asked.userId !== userId) throw new Broken('another account')
    const same = String(asked.salt) === String(record.salt)
    const key = same
      ? masterKey
      : await this.#derive(checkedPassword(password), asked.salt, accountKey, userId)
    await this.#enter({ email, ...asked }, accountKey, key, record)
  }

  /** Starts a session, opens all that it brings, and remembers it here. */
  async #enter(
    asked: { email: string; userId: string; salt: Bytes },
    accountKey: Bytes,
    masterKey: Bytes,
    known: DeviceRecord | null
  ): Promise<void> {
    const { http, device } = this.#world
    const { email } = asked
    const login = await startSession(http, email, await deriveAuth(masterKey))
    checkLogin(login, asked, known)
    const { revision, blob: keyring } = login.keyring
    const { userId, salt, keyset, userKey, identity, idcert } = login
    const sealed = { email, userId, salt, keyset, userKey, identity, idcert }
    const record = { ...sealed, accountKey, revision, keyring }
    const context = await this.#openRecord(record, masterKey, 'broken')
    await device.save(record)
    this.#open = { context, vaults: new Vaults(context) }
  }
}
