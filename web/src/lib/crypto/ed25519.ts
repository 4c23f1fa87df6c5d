/**
 * Ed25519: signatures of RFC 8032, cofactorless, with keys checked on import.
 *
 * WebCrypto does the work; where it has no Ed25519, @noble/curves does, under the same rule.
 */
import { type Bytes, concat, equal, fromHex, littleEndian, unb64 } from './bytes.ts'
import { Broken } from './errors.ts'

const { subtle } = crypto
const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const BASE_POINT = fromHex('5866666666666666666666666666666666666666666666666666666666666666')
const PKCS8 = fromHex('302e020100300506032b657004220420')

/** The y of the points of order 1, 2, 4 and 8. */
const SMALL_ORDER_Y = new Set([
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
])

/** Refuses a public key of the wrong length, not canonical, or of small order. */
export function checkEdPk(publicKey: Uint8Array): void {
  if (publicKey.length !== 32) throw new Broken('wrong length')
  const y = littleEndian(publicKey) & ((1n << 255n) - 1n)
  if (y >= P || SMALL_ORDER_Y.has(y)) throw new Broken('not a public key')
}

let native: Promise<boolean> | undefined

/** Whether WebCrypto has Ed25519; asked once. */
function hasNative(): Promise<boolean> {
  native ??= subtle
    .importKey('raw', BASE_POINT, 'Ed25519', false, ['verify'])
    .then(() => true)
    .catch(() => false)
  return native
}

const noble = () => import('@noble/curves/ed25519.js')

/** What signs and verifies: WebCrypto or, in its place, the library. */
export type Backend = {
  publicKey(seed: Bytes): Promise<Bytes>
  sign(seed: Bytes, message: Bytes): Promise<Bytes>
  verify(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean>
}

const seedKey = (seed: Bytes, extractable: boolean): Promise<CryptoKey> =>
  subtle.importKey('pkcs8', concat(PKCS8, seed), 'Ed25519', extractable, ['sign'])

/** By WebCrypto. */
export const byWebCrypto: Backend = {
  async publicKey(seed) {
    const { x } = await subtle.exportKey('jwk', await seedKey(seed, true))
    return unb64(x, 32)
  },
  async sign(seed, message) {
    return new Uint8Array(await subtle.sign('Ed25519', await seedKey(seed, false), message))
  },
  async verify(publicKey, message, signature) {
    const key = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    return subtle.verify('Ed25519', key, signature, message)
  }
}

/**
 * By @noble/curves. Its own `verify` multiplies by the cofactor and compares points; this one
 * compares R byte by byte, as WebCrypto, OpenSSL and libsodium do: R = S·B − H(R‖A‖M)·A.
 */
export const byNoble: Backend = {
  async publicKey(seed) {
    return new Uint8Array((await noble()).ed25519.getPublicKey(seed))
  },
  async sign(seed, message) {
    return new Uint8Array((await noble()).ed25519.sign(message, seed))
  },
  async verify(publicKey, message, signature) {
    const { ed25519 } = await noble()
    const { Point } = ed25519
    const r = signature.slice(0, 32)
    const digest = await subtle.digest('SHA-512', concat(r, publicKey, message))
    const h = littleEndian(new Uint8Array(digest)) % L
    const a = Point.fromBytes(publicKey)
    const expected = Point.BASE.multiplyUnsafe(littleEndian(signature.subarray(32))).subtract(
      a.multiplyUnsafe(h)
    )
    return equal(expected.toBytes(), r)
  }
}

async function backend(): Promise<Backend> {
  return (await hasNative()) ? byWebCrypto : byNoble
}

/** The public key of a 32-byte seed. */
export async function edPublicKey(seed: Bytes): Promise<Bytes> {
  return (await backend()).publicKey(seed)
}

/** Signs with a 32-byte seed. */
export async function edSign(seed: Bytes, message: Bytes): Promise<Bytes> {
  return (await backend()).sign(seed, message)
}

/** Whether the signature holds; a key or signature that is not one is `false`. */
export async function edVerify(
  publicKey: Bytes,
  message: Bytes,
  signature: Bytes,
  by?: Backend
): Promise<boolean> {
  try {
    checkEdPk(publicKey)
    // S below the order of the group: else a second signature could be made of each
    if (signature.length !== 64 || littleEndian(signature.subarray(32)) >= L) return false
    return await (by ?? (await backend())).verify(publicKey, message, signature)
  } catch {
    return false
  }
}
