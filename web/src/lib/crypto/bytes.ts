/** Bytes: joining, comparing, numbers, ids and base64url, all strict. */
import { Broken } from './errors.ts'

/** Bytes that WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>

const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const MAX_U64_IN_JSON = 1n << 63n

/** UTF-8 of a string. */
export function utf8(text: string): Bytes {
  return utf8Encoder.encode(text)
}

/** The string that UTF-8 bytes stand for; anything else is broken. */
export function fromUtf8(raw: Uint8Array): string {
  try {
    return utf8Decoder.decode(raw)
  } catch {
    throw new Broken('not utf-8')
  }
}

/** Random bytes of the platform. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** Joins parts. */
export function concat(...parts: Uint8Array[]): Bytes {
  return concatAll(parts)
}

/** Joins many parts. */
export function concatAll(parts: readonly Uint8Array[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Compares without an early end. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

/** Compares as memory does: the order of ids. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Big-endian, 2 bytes. */
function u16(n: number): Bytes {
  if (n > 0xffff) throw new Broken('not a u16')
  return Uint8Array.of(n >> 8, n & 255)
}

/** Big-endian, 4 bytes. */
export function u32(n: number): Bytes {
  if (!Number.isInteger(n) || n < 0 || n > 0xffffffff) throw new RangeError('not a u32')
  const raw = new Uint8Array(4)
  new DataView(raw.buffer).setUint32(0, n)
  return raw
}

/** Big-endian, 8 bytes. */
export function u64(n: bigint): Bytes {
  if (n < 0n || n >= MAX_U64_IN_JSON) throw new Broken('not a u64')
  const raw = new Uint8Array(8)
  new DataView(raw.buffer).setBigUint64(0, n)
  return raw
}

/** A length of 2 bytes, then the bytes. */
export function lp(raw: Uint8Array): Bytes {
  return concat(u16(raw.length), raw)
}

/** A length of 4 bytes, then the bytes. */
export function lp32(raw: Uint8Array): Bytes {
  return concat(u32(raw.length), raw)
}

/** A u64 as JSON carries it: decimal, no sign, no leading zero, below 2^63. */
export function parseU64(text: unknown): bigint {
  if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,18})$/.test(text))
    throw new Broken('not a u64')
  const n = BigInt(text)
  if (n >= MAX_U64_IN_JSON) throw new Broken('not a u64')
  return n
}

/** The number that little-endian bytes stand for, as the curves write it. */
export function littleEndian(raw: Uint8Array): bigint {
  let n = 0n
  for (let i = raw.length - 1; i >= 0; i--) n = (n << 8n) | BigInt(raw[i] ?? 0)
  return n
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const CODES = new Uint8Array(64)
const VALUES = new Uint8Array(128).fill(255)
for (let i = 0; i < 64; i++) {
  CODES[i] = ALPHABET.charCodeAt(i)
  VALUES[ALPHABET.charCodeAt(i)] = i
}

/** base64url without padding. */
export function b64(raw: Uint8Array): string {
  const out = new Uint8Array(Math.ceil((raw.length * 4) / 3))
  let at = 0
  for (let i = 0; i < raw.length; i += 3) {
    const n = ((raw[i] ?? 0) << 16) | ((raw[i + 1] ?? 0) << 8) | (raw[i + 2] ?? 0)
    // writes past the end of a typed array are dropped: the padding that is not there
    out[at++] = CODES[n >> 18] ?? 0
    out[at++] = CODES[(n >> 12) & 63] ?? 0
    out[at++] = CODES[(n >> 6) & 63] ?? 0
    out[at++] = CODES[n & 63] ?? 0
  }
  return utf8Decoder.decode(out)
}

/** Strict base64url: the alphabet, no padding, no stray bits, and the length where it is known. */
export function unb64(text: unknown, length?: number): Bytes {
  if (typeof text !== 'string' || text.length % 4 === 1) throw new Broken('not base64url')
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let at = 0
  let held = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? 255
    if (value === 255) throw new Broken('not base64url')
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out[at++] = (held >> bits) & 255
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw new Broken('not base64url')
  if (length !== undefined && out.length !== length) throw new Broken('wrong length')
  return out
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The 16 bytes of an id. */
export function idBytes(id: unknown): Bytes {
  if (typeof id !== 'string' || !UUID.test(id)) throw new Broken('not an id')
  return fromHex(id.replaceAll('-', ''))
}

/** An id, canonical and lower case. */
export function idText(raw: Uint8Array): string {
  if (raw.length !== 16) throw new Broken('not an id')
  const text = hex(raw)
  return [
    text.slice(0, 8),
    text.slice(8, 12),
    text.slice(12, 16),
    text.slice(16, 20),
    text.slice(20)
  ].join('-')
}

/** A new random id, a UUIDv4. */
export function makeId(): string {
  return crypto.randomUUID()
}

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal. */
export function hex(raw: Uint8Array): string {
  let text = ''
  for (const byte of raw) text += HEX[byte] ?? ''
  return text
}

/** Bytes of lower-case hexadecimal. */
export function fromHex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Broken('not hexadecimal')
  const raw = new Uint8Array(text.length / 2)
  for (let i = 0; i < raw.length; i++) raw[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return raw
}
