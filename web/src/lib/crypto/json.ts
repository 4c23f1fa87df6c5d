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
const SPACE = /[ \t\n\r]*/y
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
    this.#match(SPACE)
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

  /** Takes `character` after white space, if it is next. */
  #take(character: string): boolean {
    this.#match(SPACE)
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

  /** Finds the end of a string; what lies between is the platform's to judge. */
  #string(): string {
    const start = this.#at
    if (this.#text[start] !== '"') throw new Broken('bad json')
    let end = start
    let escaped: boolean
    do {
      end = this.#text.indexOf('"', end + 1)
      if (end < 0) throw new Broken('bad json')
      let first = end
      while (this.#text[first - 1] === '\\') first--
      escaped = (end - first) % 2 === 1
    } while (escaped)
    this.#at = end + 1
    const text = parseString(this.#text.slice(start, end + 1))
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
      this.#match(SPACE)
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
