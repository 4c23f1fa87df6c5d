/** SHA-256, HMAC and HKDF, by WebCrypto. */
import { type Bytes, concatAll, utf8 } from './bytes.ts'

const { subtle } = crypto
const BLOCK = 32

/** SHA-256 of the parts, joined. */
export async function sha256(...parts: Uint8Array[]): Promise<Bytes> {
  const [only] = parts
  const whole = parts.length === 1 && only ? (only as Bytes) : concatAll(parts)
  return new Uint8Array(await subtle.digest('SHA-256', whole))
}

/** Makes a key that HKDF may draw from any number of times. */
export function importIkm(ikm: Bytes): Promise<CryptoKey> {
  return subtle.importKey('raw', ikm, 'HKDF', false, ['deriveBits'])
}

/** HKDF-SHA-256, RFC 5869: extract and expand. */
export async function hkdf(
  ikm: Bytes | CryptoKey,
  salt: Bytes,
  info: Bytes,
  length: number
): Promise<Bytes> {
  const key = ikm instanceof Uint8Array ? await importIkm(ikm) : ikm
  const params = { name: 'HKDF', hash: 'SHA-256', salt, info }
  return new Uint8Array(await subtle.deriveBits(params, key, length * 8))
}

async function hmac(key: CryptoKey, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await subtle.sign('HMAC', key, message))
}

/** HKDF-Expand-SHA-256 alone, RFC 5869 section 2.3. */
export async function expand(
  prk: Bytes,
  info: string | Uint8Array,
  length: number
): Promise<Bytes> {
  const hash = { name: 'HMAC', hash: 'SHA-256' }
  const key = await subtle.importKey('raw', prk, hash, false, ['sign'])
  const tail = typeof info === 'string' ? utf8(info) : info
  const blocks: Bytes[] = []
  let previous: Bytes = new Uint8Array(0)
  for (let i = 1; blocks.length * BLOCK < length; i++) {
    previous = await hmac(key, concatAll([previous, tail, Uint8Array.of(i)]))
    blocks.push(previous)
  }
  return concatAll(blocks).slice(0, length)
}
