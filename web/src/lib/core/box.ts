/** The keys of one vault, and what they seal: profiles, overviews and details. */
import { type Bytes, idBytes, u64 } from '../crypto/bytes.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { Broken, KeyMissing } from '../crypto/errors.ts'
import { type Json, strictJson } from '../crypto/json.ts'
import type { Parts } from '../crypto/roster.ts'
import { open, seal, SealingKey } from '../crypto/seal.ts'
import { checkVaultKey } from '../crypto/vault-keys.ts'

/** Which version of which secret an object is. */
export type Place = { secretId: string; version: bigint; epoch: bigint }

type Content = typeof ObjectType.SECRET_OVERVIEW | typeof ObjectType.SECRET_DETAILS

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

  /** Opens an overview or details. */
  async open(type: Content, place: Place, blob: Bytes): Promise<Json> {
    return strictJson(await open(this.#key(place.epoch), type, this.#fields(place), blob))
  }

  /** Seals an overview or details. */
  seal(type: Content, place: Place, plaintext: Bytes): Promise<Bytes> {
    return seal(this.#key(place.epoch), type, this.#fields(place), plaintext)
  }

  /** Opens the vault's profile; `seq` is the commit that set it. */
  openProfile(epoch: bigint, seq: bigint, blob: Bytes): Promise<Bytes> {
    const fields = [this.#id, u64(epoch), u64(seq)]
    return open(this.#key(epoch), ObjectType.VAULT_PROFILE, fields, blob)
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
