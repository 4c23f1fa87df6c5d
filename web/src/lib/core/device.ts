/** What this browser keeps between visits: the account key and the last sealed blobs. */
import { b64, type Bytes, fromUtf8, parseU64, randomBytes, unb64, utf8 } from '../crypto/bytes.ts'
import { strictJson } from '../crypto/json.ts'
import { asString, exactly } from '../crypto/shape.ts'

/** One known account. Nothing of it opens a vault without the password. */
export type DeviceRecord = {
  email: string
  userId: string
  accountKey: Bytes
  salt: Bytes
  keyset: bigint
  userKey: Bytes
  identity: Bytes
  idcert: Bytes
  revision: bigint
  keyring: Bytes
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
  const entries = Object.entries(record).map(([key, value]) => [
    key,
    value instanceof Uint8Array ? b64(value) : String(value)
  ])
  return utf8(JSON.stringify(Object.fromEntries(entries)))
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
    'keyring'
  )
  return {
    email: asString(json.email),
    userId: asString(json.userId),
    accountKey: unb64(json.accountKey, 16),
    salt: unb64(json.salt, 16),
    keyset: parseU64(json.keyset),
    userKey: unb64(json.userKey),
    identity: unb64(json.identity),
    idcert: unb64(json.idcert),
    revision: parseU64(json.revision),
    keyring: unb64(json.keyring)
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
