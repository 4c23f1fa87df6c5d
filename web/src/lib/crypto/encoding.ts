/** The suite, the types of object, and what a sealed blob must look like from outside. */
import { Broken } from './errors.ts'
import { type Bytes, equal, idText, utf8 } from './bytes.ts'

/** KA1, the one suite. */
export const SUITE = 1

/** What a sealed object may be. */
export const ObjectType = {
  USER_KEY_BY_PASSWORD: 0x01,
  USER_KEY_BY_RECOVERY_CODE: 0x02,
  USER_KEY_BY_PASSKEY: 0x03,
  IDENTITY: 0x10,
  VAULT_PROFILE: 0x30,
  SECRET_OVERVIEW: 0x31,
  SECRET_DETAILS: 0x32,
  KEYRING: 0x40,
  INVITATION: 0x50,
  ONE_TIME_LINK: 0x60
} as const

/** The type byte of a sealed object. */
export type ObjectType = (typeof ObjectType)[keyof typeof ObjectType]

/** 4 bytes of head, salt, commitment, 128 bytes of padding at least, tag. */
export const SMALLEST_BLOB = 4 + 32 + 32 + 128 + 16

/** `KA`, the suite and a type: the head of every blob. */
export function blobHead(type: ObjectType): Bytes {
  return Uint8Array.of(0x4b, 0x41, SUITE, type)
}

/** Types that hold keys alone, and so have one length. */
const KEYS_ALONE: ReadonlySet<ObjectType> = new Set([
  ObjectType.USER_KEY_BY_PASSWORD,
  ObjectType.USER_KEY_BY_RECOVERY_CODE,
  ObjectType.USER_KEY_BY_PASSKEY,
  ObjectType.IDENTITY
])

/** Refuses what cannot be a sealed object of this type. */
export function checkBlob(blob: Uint8Array, type: ObjectType): void {
  const fits = KEYS_ALONE.has(type) ? blob.length === SMALLEST_BLOB : blob.length >= SMALLEST_BLOB
  if (!fits || !equal(blob.subarray(0, 4), blobHead(type))) throw new Broken()
}

/** Reads a binary encoding from front to back; every shortage is `Broken`. */
export class Reader {
  readonly #raw: Bytes
  readonly #view: DataView
  #at = 0

  constructor(raw: Bytes) {
    this.#raw = raw
    this.#view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  }

  /** The next `length` bytes, copied. */
  take(length: number): Bytes {
    const start = this.#step(length)
    return this.#raw.slice(start, start + length)
  }

  /** One byte. */
  u8(): number {
    return this.#view.getUint8(this.#step(1))
  }

  /** A big-endian number of 4 bytes. */
  u32(): number {
    return this.#view.getUint32(this.#step(4))
  }

  /** A big-endian number of 8 bytes, below 2^63. */
  u64(): bigint {
    const n = this.#view.getBigUint64(this.#step(8))
    if (n >= 1n << 63n) throw new Broken('not a u64')
    return n
  }

  /** An id, as text. */
  id(): string {
    return idText(this.take(16))
  }

  /** Bytes behind a length of 2 bytes. */
  lp(): Bytes {
    return this.take(this.#view.getUint16(this.#step(2)))
  }

  /** Bytes behind a length of 4 bytes. */
  lp32(): Bytes {
    return this.take(this.u32())
  }

  /** A fixed string. */
  literal(text: string): void {
    if (!equal(this.take(text.length), utf8(text))) throw new Broken('wrong kind of message')
  }

  /** Refuses bytes that are left over. */
  end(): void {
    if (this.#at !== this.#raw.length) throw new Broken('bytes left over')
  }

  #step(length: number): number {
    const start = this.#at
    if (length > this.#raw.length - start) throw new Broken('too short')
    this.#at = start + length
    return start
  }
}
