/**
 * JSON from outside, strictly: no key twice, no number beyond 2^53, no depth beyond 16, no half of
 * a surrogate pair; objects have no prototype, so that no key can mean anything but itself.
 */
import { fromUtf8 } from './bytes.ts'
import { Broken } from './errors.ts'

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject

/** An object without a prototype. */
export type JsonObject = { [key: string]: Json }

const DEEPEST = 16
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const [QUOTE, BACKSLASH, SPACE, SURROGATES] = [0x22, 0x5c, 0x20, 0xd800]
/** Tab, line feed, carriage return, space. */
const isSpace = (code: number): boolean =>
  code === SPACE || code === 0x0a || code === 0x0d || code === 0x09
const WORDS: Record<string, boolean | null> = { true: true, false: false, null: null }
const WORD = /true|false|null/y

function parseString(raw: string): string {
  try {
    return JSON.parse(raw) as string
  } catch {
    throw new Broken('bad json')
  }
}

class Decoder {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  decode(): Json {
    const value = this.#value(0)
    this.#skip()
    if (this.#at !== this.#text.length) throw new Broken('bad json')
    return value
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return null
    this.#at = pattern.lastIndex
    return found[0]
  }

  /** Goes on behind white space. */
  #skip(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++
  }

  /** Takes `character` after white space, if it is next. */
  #take(character: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #value(depth: number): Json {
    if (this.#take('{')) return this.#object(depth + 1)
    if (this.#take('[')) return this.#array(depth + 1)
    if (this.#text[this.#at] === '"') return this.#string()
    const word = this.#match(WORD)
    if (word !== null) return WORDS[word] ?? null
    return this.#number()
  }

  #number(): number {
    const text = this.#match(NUMBER)
    if (text === null) throw new Broken('bad json')
    const n = Number(text)
    if (Math.abs(n) > Number.MAX_SAFE_INTEGER) throw new Broken('huge number')
    return n
  }

  /** Finds the end of a string; what is not plain in it is the platform's to judge. */
  #string(): string {
    const source = this.#text
    const start = this.#at
    if (source.charCodeAt(start) !== QUOTE) throw new Broken('bad json')
    let plain = true
    let at = start + 1
    for (; at < source.length; at++) {
      const code = source.charCodeAt(at)
      if (code === QUOTE) break
      if (code === BACKSLASH) at++
      if (code === BACKSLASH || code < SPACE || code >= SURROGATES) plain = false
    }
    this.#at = at + 1
    if (plain && at < source.length) return source.slice(start + 1, at)
    const text = parseString(source.slice(start, at + 1))
    if (!text.isWellFormed()) throw new Broken('half a character')
    return text
  }

  #array(depth: number): Json[] {
    if (depth > DEEPEST) throw new Broken('json too deep')
    const items: Json[] = []
    if (this.#take(']')) return items
    do items.push(this.#value(depth))
    while (this.#take(','))
    if (!this.#take(']')) throw new Broken('bad json')
    return items
  }

  #object(depth: number): JsonObject {
    if (depth > DEEPEST) throw new Broken('json too deep')
    const object = Object.create(null) as JsonObject
    if (this.#take('}')) return object
    do {
      this.#skip()
      const key = this.#string()
      if (key in object) throw new Broken('a key twice')
      if (!this.#take(':')) throw new Broken('bad json')
      object[key] = this.#value(depth)
    } while (this.#take(','))
    if (!this.#take('}')) throw new Broken('bad json')
    return object
  }
}

/** Decodes one JSON text. */
export function strictJson(source: string | Uint8Array): Json {
  const text = typeof source === 'string' ? source : fromUtf8(source)
  return new Decoder(text).decode()
}
