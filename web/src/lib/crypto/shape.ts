/** Reading decoded JSON by its exact shape: no key missing, none unknown, nothing assumed. */
import { Broken } from './errors.ts'
import type { Json, JsonObject } from './json.ts'

/** An object, with whatever keys. */
export function asObject(value: Json | undefined): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Broken('not an object')
  }
  return value
}

/** An object with exactly these keys. */
export function exactly<K extends string>(value: Json | undefined, ...keys: K[]): Record<K, Json> {
  const object = asObject(value)
  const found = Object.keys(object)
  if (found.length !== keys.length || !keys.every((key) => key in object)) {
    throw new Broken('unexpected shape')
  }
  return object as Record<K, Json>
}

/** An object with at least these keys: where nothing hangs on what else it says. */
export function having<K extends string>(value: Json | undefined, ...keys: K[]): Record<K, Json> {
  const object = asObject(value)
  if (!keys.every((key) => key in object)) throw new Broken('unexpected shape')
  return object as Record<K, Json>
}

/** A list. */
export function asArray(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Broken('not a list')
  return value
}

/** A list of a known length. */
export function asTuple(value: Json | undefined, length: number): Json[] {
  const items = asArray(value)
  if (items.length !== length) throw new Broken('unexpected shape')
  return items
}

/** A string. */
export function asString(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Broken('not a string')
  return value
}

/** True or false. */
export function asFlag(value: Json | undefined): boolean {
  if (typeof value !== 'boolean') throw new Broken('not a flag')
  return value
}

/** A whole number, not negative. */
export function asCount(value: Json | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Broken('not a count')
  }
  return value
}

/** A whole number. */
export function asWhole(value: Json | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new Broken('not whole')
  return value
}

/** What `read` makes of anything but null. */
export function orNull<T>(value: Json | undefined, read: (value: Json) => T): T | null {
  if (value === undefined) throw new Broken('missing')
  return value === null ? null : read(value)
}
