/** Checks for known answers that run in Node and, handed to a page, in a browser. */
import { fromHex, hex } from '../../src/lib/crypto/bytes.ts'

/** Whatever a vector file holds: it is ours, and a wrong shape fails the test by itself. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Vectors = any

/** Bytes of hexadecimal. */
export const raw = fromHex

type Kind = abstract new (...args: never[]) => Error

function plain(value: unknown): string {
  if (value instanceof Uint8Array) return hex(value)
  return JSON.stringify(value, (_, v: unknown) => {
    if (typeof v === 'bigint') return String(v)
    if (v instanceof Uint8Array) return hex(v)
    if (v instanceof Map) return Array.from(v)
    return v
  })
}

/** Counts what agreed; the first thing that does not ends the test. */
export class Tally {
  /** How many answers agreed. */
  count = 0

  /** Two values of the same content. Bytes may be given as hexadecimal. */
  same(actual: unknown, expected: unknown, what: string): void {
    const wanted = typeof expected === 'string' ? expected : plain(expected)
    const found = typeof actual === 'string' ? actual : plain(actual)
    if (found !== wanted) throw new Error(`${what}: ${found} is not ${wanted}`)
    this.count++
  }

  /** Something that must throw, and what. */
  async refuses(work: () => unknown, kind: Kind, what: string): Promise<void> {
    try {
      await work()
    } catch (ex) {
      if (!(ex instanceof kind)) throw new Error(`${what}: ${String(ex)}`, { cause: ex })
      this.count++
      return
    }
    throw new Error(`${what}: accepted`)
  }
}
