/** The user key and the identity: random keys, and what wraps them. */
import { type Bytes, concat, idBytes, randomBytes, u64 } from './bytes.ts'
import { edPublicKey, edSign } from './ed25519.ts'
import { ObjectType } from './encoding.ts'
import { Broken } from './errors.ts'
import { encodeIdentity, type IdCert, parseIdcert } from './identity.ts'
import { open, seal } from './seal.ts'
import { hpke } from './xwing.ts'

/** What may wrap a user key without a further field. */
export type Wrapping =
  typeof ObjectType.USER_KEY_BY_PASSWORD | typeof ObjectType.USER_KEY_BY_RECOVERY_CODE

/** 32 random bytes. Only a registration and a rotation may call this. */
export function makeUserKey(): Bytes {
  return randomBytes(32)
}

/** Wraps the user key under a key that comes from a password or a recovery code. */
export function wrapUserKey(
  kek: Bytes,
  type: Wrapping,
  userId: string,
  keyset: bigint,
  userKey: Bytes
): Promise<Bytes> {
  return seal(kek, type, [idBytes(userId), u64(keyset)], userKey)
}

/** Opens what `wrapUserKey` made. */
export async function unwrapUserKey(
  kek: Bytes,
  type: Wrapping,
  userId: string,
  keyset: bigint,
  blob: Bytes
): Promise<Bytes> {
  const userKey = await open(kek, type, [idBytes(userId), u64(keyset)], blob)
  if (userKey.length !== 32) throw new Broken()
  return userKey
}

/** A person's two secret seeds; public keys are always computed from them. */
export class Identity {
  readonly userId: string
  readonly keyEpoch: bigint
  readonly #edSeed: Bytes
  readonly #xSeed: Bytes

  constructor(userId: string, edSeed: Bytes, xSeed: Bytes, keyEpoch: bigint) {
    if (edSeed.length !== 32 || xSeed.length !== 32) throw new Broken('wrong length')
    this.userId = userId
    this.keyEpoch = keyEpoch
    this.#edSeed = edSeed
    this.#xSeed = xSeed
  }

  /** A new identity of the first epoch. Only who registers a person or a machine may call this. */
  static make(userId: string): Identity {
    return new Identity(userId, randomBytes(32), randomBytes(32), 1n)
  }

  /** The identity that follows this one. Only a rotation may call this. */
  next(): Identity {
    return new Identity(this.userId, randomBytes(32), randomBytes(32), this.keyEpoch + 1n)
  }

  /** Opens a sealed identity. */
  static async open(
    userKey: Bytes,
    userId: string,
    keyset: bigint,
    keyEpoch: bigint,
    blob: Bytes
  ): Promise<Identity> {
    const fields = [idBytes(userId), u64(keyset), u64(keyEpoch)]
    const seeds = await open(userKey, ObjectType.IDENTITY, fields, blob)
    if (seeds.length !== 64) throw new Broken()
    return new Identity(userId, seeds.slice(0, 32), seeds.slice(32), keyEpoch)
  }

  /** Seals both seeds under the user key. */
  seal(userKey: Bytes, keyset: bigint): Promise<Bytes> {
    const fields = [idBytes(this.userId), u64(keyset), u64(this.keyEpoch)]
    return seal(userKey, ObjectType.IDENTITY, fields, concat(this.#edSeed, this.#xSeed))
  }

  /** The public signing key. */
  edPk(): Promise<Bytes> {
    return edPublicKey(this.#edSeed)
  }

  /** The public key that others share to. */
  async xPk(): Promise<Bytes> {
    return (await hpke()).publicKey(this.#xSeed)
  }

  /** Signs a message, whose first bytes say what it is. */
  sign(message: Bytes): Promise<Bytes> {
    return edSign(this.#edSeed, message)
  }

  /** Opens an HPKE ciphertext that was made for this identity. */
  async openHpke(info: Bytes, sealed: Bytes): Promise<Bytes> {
    return (await hpke()).open(this.#xSeed, info, sealed)
  }

  /** The signed public keys; `previous` is what this identity follows, if anything. */
  async idcert(previous?: { identity: Identity; idcert: IdCert }): Promise<IdCert> {
    const unsigned = encodeIdentity(this.userId, await this.edPk(), await this.xPk(), this.keyEpoch)
    const signatures = [await this.sign(unsigned)]
    if (previous !== undefined) signatures.push(await previous.identity.sign(unsigned))
    return parseIdcert(concat(unsigned, ...signatures), previous?.idcert)
  }
}
