/** Names as they are written, without characters that would rearrange what stands around them. */

// controls, and the marks that turn the direction of writing
const UNSEEN = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu

/** A name with each unseen mark in sight, for names may come from somebody else. */
export function visible(name: string): string {
  return name.replace(UNSEEN, '\uFFFD')
}
