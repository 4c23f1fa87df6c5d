/** Crockford's base32: no letter that looks like a digit. */
import type { Bytes } from './bytes.ts'
import { Mistyped } from './errors.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Upper case, without groups; the bits of `raw` come in fives. */
export function encode(raw: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of raw) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(held >> bits) & 31] ?? ''
    }
  }
  return text
}

/** Reads what `encode` wrote; another character is `Mistyped`. */
export function decode(text: string): Bytes {
  const raw = new Uint8Array((text.length * 5) / 8)
  let at = 0
  let held = 0
  let bits = 0
  for (const character of text) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) throw new Mistyped('not a character of this code')
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      raw[at++] = (held >> bits) & 255
    }
  }
  return raw
}
