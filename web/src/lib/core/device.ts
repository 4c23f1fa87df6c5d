/** What this browser keeps between visits: the account key and the last sealed blobs. */
import { b64, type Bytes, fromUtf8, parseU64, randomBytes, unb64, utf8 } from '../crypto/bytes.ts'
import { type Json, strictJson } from '../crypto/json.ts'
import type { PasskeyUnlock } from '../crypto/passkeys.ts'
import { asArray, asString, exactly, orNull } from '../crypto/shape.ts'

/** One known account. Nothing of it opens a vault without the password, or a passkey's touch. */
export type DeviceRecord = {
  email: string
  userId: string
  /** Null where somebody logged in by a passkey, and the key was never typed here. */
  accountKey: Bytes | null
  salt: Bytes
  keyset: bigint
  userKey: Bytes
  identity: Bytes
  idcert: Bytes
  revision: bigint
  keyring: Bytes
  /** What the account's passkeys open. */
  passkeys: PasskeyUnlock[]
}

/** Keeps the record of one account, and beside it the one that may come to hold instead. */
export interface Device {
  load(): Promise<DeviceRecord | null>
  save(record: DeviceRecord): Promise<void>
  /** What the record will be once the server has taken the keys that are being sent to it. */
  planned(): Promise<DeviceRecord | null>
  plan(record: DeviceRecord | null): Promise<void>
  /** Forgets both. */
  clear(): Promise<void>
}

/** A record as bytes. */
export function encodeRecord(record: DeviceRecord): Bytes {
  const plain = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value)
    return value instanceof Uint8Array ? b64(value) : value
  }
  return utf8(JSON.stringify(record, plain))
}

/** Reads what `encodeRecord` wrote. */
export function decodeRecord(raw: Bytes): DeviceRecord {
  const json = exactly(
    strictJson(fromUtf8(raw)),
    'email',
    'userId',
    'accountKey',
    'salt',
    'keyset',
    'userKey',
    'identity',
    'idcert',
    'revision',
    'keyring',
    'passkeys'
  )
  return {
    email: asString(json.email),
    userId: asString(json.userId),
    accountKey: orNull(json.accountKey, (key) => unb64(key, 16)),
    salt: unb64(json.salt, 16),
    keyset: parseU64(json.keyset),
    userKey: unb64(json.userKey),
    identity: unb64(json.identity),
    idcert: unb64(json.idcert),
    revision: parseU64(json.revision),
    keyring: unb64(json.keyring),
    passkeys: asArray(json.passkeys).map(decodeUnlock)
  }
}

function decodeUnlock(json: Json): PasskeyUnlock {
  const { credentialId, keyset, userKey } = exactly(json, 'credentialId', 'keyset', 'userKey')
  return {
    credentialId: unb64(credentialId),
    keyset: parseU64(keyset),
    userKey: unb64(userKey)
  }
}

type Kept = { key: CryptoKey; iv: Bytes; sealed: ArrayBuffer }

const STORE = 'device'
type Place = 'account' | 'planned'

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = () => {
      reject(request.error ?? new Error('storage failed'))
    }
  })
}

/** In IndexedDB, sealed under a key that the browser does not let out. */
export class BrowserDevice implements Device {
  #database: Promise<IDBDatabase> | null = null

  load(): Promise<DeviceRecord | null> {
    return this.#read('account')
  }

  save(record: DeviceRecord): Promise<void> {
    return this.#write('account', record)
  }

  planned(): Promise<DeviceRecord | null> {
    return this.#read('planned')
  }

  plan(record: DeviceRecord | null): Promise<void> {
    return record === null ? this.#remove('planned') : this.#write('planned', record)
  }

  async clear(): Promise<void> {
    await this.#remove('planned')
    await this.#remove('account')
  }

  async #read(place: Place): Promise<DeviceRecord | null> {
    const kept = await this.#kept(place)
    if (kept === undefined) return null
    const { key, iv, sealed } = kept
    try {
      const raw = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)
      return decodeRecord(new Uint8Array(raw))
    } catch {
      // a damaged record is as good as none: the account key is asked for again
      return null
    }
  }

  async #write(place: Place, record: DeviceRecord): Promise<void> {
    const key = (await this.#kept(place))?.key ?? (await makeDeviceKey())
    const iv = randomBytes(12)
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, encodeRecord(record))
    const kept: Kept = { key, iv, sealed }
    await done((await this.#store('readwrite')).put(kept, place))
  }

  async #remove(place: Place): Promise<void> {
    await done((await this.#store('readwrite')).delete(place))
  }

  async #kept(place: Place): Promise<Kept | undefined> {
    const store = await this.#store('readonly')
    return done(store.get(place) as IDBRequest<Kept | undefined>)
  }

  async #store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    this.#database ??= openDatabase()
    return (await this.#database).transaction(STORE, mode).objectStore(STORE)
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open('keyarc', 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE)
  }
  return done(request)
}

function makeDeviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
