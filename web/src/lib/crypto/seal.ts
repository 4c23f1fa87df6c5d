/** `seal` and `open`: the one symmetric object. */
import { type Bytes, concat, concatAll, equal, lp, randomBytes, u32, utf8 } from './bytes.ts'
import { blobHead, checkBlob, type ObjectType } from './encoding.ts'
import { Broken } from './errors.ts'
import { hkdf, importIkm } from './hashes.ts'

const { subtle } = crypto
const CONTEXT = utf8('keyarc/ka1\0')
const SEAL = utf8('keyarc/ka1/seal\0')
const SALT = 4
const COMMITMENT = 36
const CIPHERTEXT = 68

/** A key that seals and opens: 32 raw bytes, made ready once for any number of objects. */
export class SealingKey {
  readonly #ikm: Promise<CryptoKey>

  constructor(key: Bytes) {
    if (key.length !== 32) throw new RangeError('a key has 32 bytes')
    this.#ikm = importIkm(key)
    // a rejection reaches whoever awaits `derive`
    this.#ikm.catch(() => undefined)
  }

  /** The 76 bytes of one message: key, nonce and commitment. */
  async derive(salt: Bytes, context: Bytes): Promise<Bytes> {
    return hkdf(await this.#ikm, salt, concat(SEAL, context), 76)
  }
}

function asSealingKey(key: Bytes | SealingKey): SealingKey {
  return key instanceof SealingKey ? key : new SealingKey(key)
}

function makeContext(head: Uint8Array, fields: readonly Uint8Array[]): Bytes {
  return concatAll([CONTEXT, head.subarray(2, 4), ...fields.map(lp)])
}

/** Padmé, Nikitin et al. 2019: leaks O(log log n) bits of a length, costs 12 % at most. */
function padme(length: number): number {
  const exponent = Math.floor(Math.log2(length))
  const mantissaBits = Math.floor(Math.log2(exponent)) + 1
  const mask = 2 ** (exponent - mantissaBits) - 1
  return length + mask - ((length + mask) & mask)
}

function paddedLength(length: number): number {
  const total = 4 + length
  return total <= 4096 ? Math.ceil(total / 128) * 128 : padme(total)
}

/** The plaintext behind its length, with zeros up to a length that says little. */
export function pad(plaintext: Uint8Array): Bytes {
  const padded = new Uint8Array(paddedLength(plaintext.length))
  padded.set(u32(plaintext.length))
  padded.set(plaintext, 4)
  return padded
}

/** What `pad` was given; any other padding is broken. */
export function unpad(padded: Bytes): Bytes {
  if (padded.length < 4) throw new Broken()
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0)
  if (length > padded.length - 4 || paddedLength(length) !== padded.length) throw new Broken()
  if (padded.subarray(4 + length).some((byte) => byte !== 0)) throw new Broken()
  return padded.slice(4, 4 + length)
}

/**
 * Seals one message under a fresh key and nonce, bound to its type and fields.
 *
 * @param key 32 bytes, or ready for use
 * @param fields what the object belongs to, raw: ids 16 bytes, numbers 8
 */
export async function seal(
  key: Bytes | SealingKey,
  type: ObjectType,
  fields: readonly Uint8Array[],
  plaintext: Uint8Array
): Promise<Bytes> {
  return sealWithSalt(key, type, fields, plaintext, randomBytes(32))
}

/** `seal` with the salt given: for known answers only. */
export async function sealWithSalt(
  key: Bytes | SealingKey,
  type: ObjectType,
  fields: readonly Uint8Array[],
  plaintext: Uint8Array,
  salt: Bytes
): Promise<Bytes> {
  const head = blobHead(type)
  const context = makeContext(head, fields)
  const okm = await asSealingKey(key).derive(salt, context)
  const ciphertext = await encrypt(okm, concat(head, context), pad(plaintext))
  return concat(head, salt, okm.subarray(44), ciphertext)
}

/** AES-256-GCM under key and nonce, which are the first 44 bytes of `keys`. */
export async function encrypt(
  keys: Bytes,
  additionalData: Bytes,
  plaintext: Bytes
): Promise<Bytes> {
  const { key, params } = await aesGcm(keys, additionalData, 'encrypt')
  return new Uint8Array(await subtle.encrypt(params, key, plaintext))
}

/** Decrypts what `encrypt` made; anything else is `Broken`. */
export async function decrypt(
  keys: Bytes,
  additionalData: Bytes,
  ciphertext: Bytes
): Promise<Bytes> {
  const { key, params } = await aesGcm(keys, additionalData, 'decrypt')
  try {
    return new Uint8Array(await subtle.decrypt(params, key, ciphertext))
  } catch {
    throw new Broken()
  }
}

async function aesGcm(
  keys: Bytes,
  additionalData: Bytes,
  usage: 'encrypt' | 'decrypt'
): Promise<{ key: CryptoKey; params: AesGcmParams }> {
  const key = await subtle.importKey('raw', keys.subarray(0, 32), 'AES-GCM', false, [usage])
  return { key, params: { name: 'AES-GCM', iv: keys.subarray(32, 44), additionalData } }
}

/** Opens what `seal` made with the same key, type and fields; anything else is `Broken`. */
export async function open(
  key: Bytes | SealingKey,
  type: ObjectType,
  fields: readonly Uint8Array[],
  blob: Bytes
): Promise<Bytes> {
  checkBlob(blob, type)
  const head = blob.subarray(0, 4)
  const context = makeContext(head, fields)
  const okm = await asSealingKey(key).derive(blob.subarray(SALT, COMMITMENT), context)
  // the commitment comes first: what another key would also open is never decrypted
  if (!equal(okm.subarray(44), blob.subarray(COMMITMENT, CIPHERTEXT))) throw new Broken()
  return unpad(await decrypt(okm, concat(head, context), blob.subarray(CIPHERTEXT)))
}
