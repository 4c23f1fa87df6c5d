/** An account that is open: its keys, its keyring, and how both came to be. */
import type { Login, Prelogin } from '../api/answers.ts'
import { readKeyring, readLogin, readPrelogin, readRevision } from '../api/answers.ts'
import { type Http, Problem } from '../api/http.ts'
import { isNeeded, type Needed, readNeeded } from '../api/second-factors.ts'
import { Identity, unwrapUserKey } from '../crypto/account-keys.ts'
import { b64, type Bytes, equal } from '../crypto/bytes.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { Broken, Rollback } from '../crypto/errors.ts'
import { type IdCert, parseIdcert } from '../crypto/identity.ts'
import { deriveKek } from '../crypto/kdf.ts'
import { Keyring } from '../crypto/keyring.ts'
import type { Device, DeviceRecord } from './device.ts'
import { deviceName } from './device-name.ts'
import { CoreError } from './errors.ts'

/** The account's keys while it is open. */
export type Keys = {
  email: string
  userId: string
  userKey: Bytes
  identity: Identity
  idcert: IdCert
}

/** What `openKeys` opens: the parts of a login or of a device's record. */
type Sealed = Pick<DeviceRecord, 'email' | 'userId' | 'keyset' | 'identity' | 'idcert'>

/** Opens the identity under an opened user key; the certificate must be of that very identity. */
export async function openKeys(sealed: Sealed, userKey: Bytes): Promise<Keys> {
  const { email, userId, keyset } = sealed
  const idcert = await parseIdcert(sealed.idcert)
  const identity = await Identity.open(userKey, userId, keyset, idcert.keyEpoch, sealed.identity)
  if (idcert.userId !== userId || !equal(idcert.edPk, await identity.edPk())) {
    throw new Broken('another identity')
  }
  return { email, userId, userKey, identity, idcert }
}

/**
 * Opens the user key by the master key of a password.
 *
 * @param unopened what it means when it does not open: a wrong password, where no server has a
 *   part in it
 */
export function byPassword(masterKey: Bytes, unopened: 'broken' | 'wrong-password') {
  return async ({ userId, keyset, userKey }: DeviceRecord): Promise<Bytes> => {
    const kek = await deriveKek(masterKey)
    const type = ObjectType.USER_KEY_BY_PASSWORD
    return unwrapUserKey(kek, type, userId, keyset, userKey).catch(() => {
      throw new CoreError(unopened)
    })
  }
}

/** Asks how to log in; anything but the one suite and a salt of 16 bytes ends it here. */
export async function prelogin(http: Http, email: string): Promise<Prelogin> {
  return readPrelogin(await http.post('/auth/prelogin', { email }))
}

/** Proves the password and brings the sealed account, or what is needed besides. */
export async function startSession(
  http: Http,
  email: string,
  auth: Bytes
): Promise<Login | Needed> {
  const body = { email, auth: b64(auth), device: deviceName() }
  const json = await http.post('/auth/sessions', body)
  return isNeeded(json) ? readNeeded(json) : readLogin(json)
}

/** Refuses a login that is another's, or older than what this browser knows. */
export function checkLogin(
  login: Login,
  asked: { userId: string; salt: Bytes },
  known: DeviceRecord | null
): void {
  if (login.userId !== asked.userId || !equal(login.salt, asked.salt)) {
    throw new Broken('another account')
  }
  if (known === null) return
  if (login.keyset < known.keyset || login.keyring.revision < known.revision) {
    throw new Rollback('an older account')
  }
}

/** Refuses opened keys that do not come after those that this browser knew. */
export async function checkFollows(
  { keys, keeper }: { keys: Keys; keeper: KeyringKeeper },
  known: DeviceRecord
): Promise<void> {
  const { idcert, userId, userKey } = keys
  if (equal(known.idcert, idcert.raw)) {
    const earlier = await Keyring.open(userKey, userId, known.revision, known.keyring)
    keeper.keyring.checkFollows(earlier)
    return
  }
  const before = await parseIdcert(known.idcert)
  if (idcert.keyEpoch <= before.keyEpoch) throw new Rollback('an older identity')
  // of those between there is no certificate here; whoever knows the password sealed the newest
  if (idcert.keyEpoch === before.keyEpoch + 1n) await parseIdcert(idcert.raw, before)
}

/** The keyring of the open account, and its copies on this device and at the server. */
export class KeyringKeeper {
  readonly #http: Http
  readonly #device: Device
  readonly #keys: Keys
  readonly keyring: Keyring
  #revision: bigint
  #saving: Promise<void> = Promise.resolve()

  constructor(http: Http, device: Device, keys: Keys, keyring: Keyring, revision: bigint) {
    this.#http = http
    this.#device = device
    this.#keys = keys
    this.keyring = keyring
    this.#revision = revision
  }

  get revision(): bigint {
    return this.#revision
  }

  /** Takes over the server's copy, which may not be older or forget anything. */
  async take(sealed: { revision: bigint; blob: Bytes }): Promise<void> {
    if (sealed.revision < this.#revision) throw new Rollback('an older keyring')
    if (sealed.revision === this.#revision) return
    const { userKey, userId } = this.#keys
    const theirs = await Keyring.open(userKey, userId, sealed.revision, sealed.blob)
    const record = await this.#device.load()
    // other tabs may have saved a later one, or other keys
    const earlier = record !== null && record.revision <= sealed.revision ? record : null
    if (earlier !== null && equal(earlier.idcert, this.#keys.idcert.raw)) {
      const { revision, keyring } = earlier
      theirs.checkFollows(await Keyring.open(userKey, userId, revision, keyring))
    }
    await this.keyring.merge(theirs)
    await this.#note(sealed.revision, sealed.blob)
  }

  /** Saves the keyring by compare-and-swap; a newer copy is taken over first. */
  save(): Promise<void> {
    const saved = this.#saving.then(() => this.#save(5))
    this.#saving = saved.catch(() => undefined)
    return saved
  }

  async #save(tries: number): Promise<void> {
    const { userKey, userId } = this.#keys
    const replaces = this.#revision
    const blob = await this.keyring.seal(userKey, userId, replaces + 1n)
    try {
      const body = { replaces: String(replaces), blob: b64(blob) }
      const revision = readRevision(await this.#http.put('/api/account/keyring', body))
      if (revision !== replaces + 1n) throw new Broken('another revision')
    } catch (ex) {
      const raced = ex instanceof Problem && ex.slug === 'stale-revision' && tries > 1
      if (!raced) throw ex
      const newer = readKeyring(await this.#http.get('/api/account/keyring'))
      if (newer.revision <= this.#revision) throw new Rollback('an older keyring')
      await this.take(newer)
      return this.#save(tries - 1)
    }
    await this.#note(replaces + 1n, blob)
  }

  async #note(revision: bigint, keyring: Bytes): Promise<void> {
    this.#revision = revision
    const record = await this.#device.load()
    if (record?.userId === this.#keys.userId) {
      await this.#device.save({ ...record, revision, keyring })
    }
  }
}
