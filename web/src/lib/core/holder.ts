/** What this worker holds: the browser's record of an account, and its keys while it is open. */
import type { Http } from '../api/http.ts'
import type { Login } from '../api/answers.ts'
import type { Stretch } from '../crypto/argon2id.ts'
import { type Bytes, equal } from '../crypto/bytes.ts'
import { deriveMasterKey } from '../crypto/kdf.ts'
import { Keyring } from '../crypto/keyring.ts'
import type { PasskeyUnlock } from '../crypto/passkeys.ts'
import { settle } from './changes.ts'
import { type Context, type Note, timed } from './context.ts'
import type { Device, DeviceRecord } from './device.ts'
import { CoreError } from './errors.ts'
import { checkFollows, KeyringKeeper, openKeys } from './keys.ts'
import { Vaults } from './vaults.ts'

/** What a core needs of the world. */
export type World = { http: Http; device: Device; stretch: Stretch; note: Note }

/** Opens a user key that is wrapped in what is given: by a password, or by something else. */
export type Unwrap = (record: DeviceRecord) => Promise<Bytes>

/** The one account of a worker; every noun of the core that needs it is handed it. */
export class Holder {
  readonly world: World
  #open: { context: Context; vaults: Vaults } | null = null

  constructor(world: World) {
    this.world = world
  }

  /** The open account, or null while it is locked. */
  get opened(): Context | null {
    return this.#open?.context ?? null
  }

  /** The open account; asking for it while it is locked is refused. */
  get context(): Context {
    return this.#need().context
  }

  /** The vaults of the open account. */
  get vaults(): Vaults {
    return this.#need().vaults
  }

  /** What this browser keeps; without it the account key is needed. */
  async record(): Promise<DeviceRecord> {
    await settle(this.world)
    const record = await this.world.device.load()
    if (record === null) throw new CoreError('account-key-needed')
    return record
  }

  /** Keeps an account key that was typed, once it has opened the account. */
  async learn(accountKey: Bytes): Promise<void> {
    const { device } = this.world
    const record = await device.load()
    if (record?.accountKey === null) await device.save({ ...record, accountKey })
  }

  readonly stretch: Stretch = (password, salt) =>
    timed(this.world.note, 'keyarc:derive', () => this.world.stretch(password, salt))

  /** The master key of a password that was checked before. */
  async derive(
    password: Bytes,
    of: Pick<DeviceRecord, 'salt' | 'accountKey' | 'userId'>
  ): Promise<Bytes> {
    const { salt, accountKey, userId } = of
    if (accountKey === null) throw new CoreError('account-key-needed')
    return deriveMasterKey(await this.stretch(password, salt), accountKey, userId)
  }

  /** Opens what a login brought or this browser keeps, without taking it for the open account. */
  async unseal(record: DeviceRecord, unwrap: Unwrap): Promise<Context> {
    const keys = await openKeys(record, await unwrap(record))
    const { http, device, note } = this.world
    const keyring = await Keyring.open(keys.userKey, keys.userId, record.revision, record.keyring)
    const keeper = new KeyringKeeper(http, device, keys, keyring, record.revision)
    return { http, keys, keeper, note }
  }

  /** Opens all that a session brings, and remembers it in this browser, besides what it knew. */
  async enter(
    login: Login,
    of: { email: string; accountKey: Bytes | null },
    unwrap: Unwrap,
    known: DeviceRecord | null = null
  ): Promise<void> {
    const { revision, blob: keyring } = login.keyring
    const { userId, salt, keyset, userKey, identity, idcert } = login
    const sealed = { userId, salt, keyset, userKey, identity, idcert, revision, keyring }
    const record = { ...of, ...sealed, passkeys: passkeysAfter(login, known) }
    const context = await this.unseal(record, unwrap)
    if (known !== null) await checkFollows(context, known)
    await this.world.device.save(record)
    this.open(context)
  }

  open(context: Context): void {
    this.#open = { context, vaults: new Vaults(context) }
  }

  close(): void {
    this.#open = null
  }

  #need(): { context: Context; vaults: Vaults } {
    if (this.#open === null) throw new CoreError('refused', 'locked')
    return this.#open
  }
}

/** With another identity there is another user key, which the passkeys so far do not open. */
function passkeysAfter({ idcert, passkey }: Login, known: DeviceRecord | null): PasskeyUnlock[] {
  const kept = known !== null && equal(known.idcert, idcert) ? known.passkeys : []
  if (passkey === null) return kept
  return [...kept.filter((one) => !equal(one.credentialId, passkey.credentialId)), passkey]
}
