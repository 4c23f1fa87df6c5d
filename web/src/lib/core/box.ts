/** The keys of one vault, and what they seal: profiles, overviews and details. */
import { type Bytes, idBytes, u64 } from '../crypto/bytes.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { Broken, KeyMissing } from '../crypto/errors.ts'
import { type Json, strictJson } from '../crypto/json.ts'
import type { Parts } from '../crypto/roster.ts'
import { open, seal, SealingKey } from '../crypto/seal.ts'
import { checkVaultKey } from '../crypto/vault-keys.ts'
import { readOverview, readProfile, writeJson } from './items.ts'

/** Which version of which secret an object is. */
export type Place = { secretId: string; version: bigint; epoch: bigint }

type Content = typeof ObjectType.SECRET_OVERVIEW | typeof ObjectType.SECRET_DETAILS

const UNOPENED = {
  kind: 'other',
  provider: null,
  path: '',
  tags: ['does not open'],
  environment: null,
  expires_at: null,
  reminder: null,
  rotate_days: null,
  rotated_at: '0',
  check: null,
  fingerprints: [],
  updated_at: '0'
}

/** What a member signed but sealed as something else must not shut the vault for all others. */
async function asSigned<T>(opened: Promise<T>, read: (found: T) => unknown, otherwise: T) {
  try {
    const found = await opened
    read(found)
    return found
  } catch (ex) {
    if (!(ex instanceof Broken)) throw ex
    return otherwise
  }
}

/** Seals and opens what belongs to one vault. */
export class VaultBox {
  readonly #id: Bytes
  readonly #vaultId: string
  readonly #raw: ReadonlyMap<bigint, Bytes>
  readonly #ready = new Map<Bytes, SealingKey>()

  constructor(vaultId: string, keys: ReadonlyMap<bigint, Bytes>) {
    this.#vaultId = vaultId
    this.#id = idBytes(vaultId)
    this.#raw = keys
  }

  /** Compares every key with what the history committed to. */
  async check(parts: Parts): Promise<void> {
    for (const [epoch, key] of this.#raw) {
      const commitment = parts.epochs.get(epoch)
      if (commitment === undefined) throw new Broken('a key of no epoch')
      await checkVaultKey(key, this.#vaultId, epoch, commitment)
    }
  }

  /** Opens an overview or details that the signed history names. */
  async open(type: Content, place: Place, blob: Bytes): Promise<Json> {
    const key = this.#key(place.epoch)
    const opened = open(key, type, this.#fields(place), blob).then(strictJson)
    if (type === ObjectType.SECRET_DETAILS) return opened
    return asSigned(opened, readOverview, { ...UNOPENED, name: place.secretId })
  }

  /** Seals an overview or details. */
  seal(type: Content, place: Place, plaintext: Bytes): Promise<Bytes> {
    return seal(this.#key(place.epoch), type, this.#fields(place), plaintext)
  }

  /** Opens the vault's profile; `seq` is the commit that set it. */
  async openProfile(epoch: bigint, seq: bigint, blob: Bytes): Promise<Bytes> {
    const fields = [this.#id, u64(epoch), u64(seq)]
    const opened = open(this.#key(epoch), ObjectType.VAULT_PROFILE, fields, blob)
    const nameless = { name: this.#vaultId, description: '', icon: '' }
    return asSigned(opened, readProfile, writeJson(nameless))
  }

  /** Seals the vault's profile for the commit that will set it. */
  sealProfile(epoch: bigint, seq: bigint, plaintext: Bytes): Promise<Bytes> {
    const fields = [this.#id, u64(epoch), u64(seq)]
    return seal(this.#key(epoch), ObjectType.VAULT_PROFILE, fields, plaintext)
  }

  #key(epoch: bigint): SealingKey {
    const raw = this.#raw.get(epoch)
    if (raw === undefined) throw new KeyMissing('no key of this epoch')
    const ready = this.#ready.get(raw)
    if (ready !== undefined) return ready
    const key = new SealingKey(raw)
    this.#ready.set(raw, key)
    return key
  }

  #fields({ secretId, version, epoch }: Place): Bytes[] {
    return [this.#id, idBytes(secretId), u64(version), u64(epoch)]
  }
}
