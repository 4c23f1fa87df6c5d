/**
 * How many guesses a password withstands, roughly: the cheapest way to put it together from
 * words, well-known passwords, runs and single characters (after D. L. Wheeler, zxcvbn, 2016).
 */

const FAMOUS = `password passwort passw0rd motdepasse qwerty qwertz azerty asdf zxcv letmein welcome
  admin administrator login iloveyou monkey dragon sunshine princess football baseball shadow
  master superman batman trustno1 hello secret changeme default test guest root toor abc123 access
  flower cheese summer winter spring autumn january february march april june july august september
  october november december monday tuesday wednesday thursday friday saturday sunday michael jordan
  charlie thomas daniel jessica ashley andrew jennifer hunter soccer hockey killer pepper ginger
  freedom whatever computer internet google apple samsung microsoft github keyarc vault`.split(
  /\s+/
)
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890', 'abcdefghijklmnopqrstuvwxyz']
const LEET: Record<string, string> = {
  0: 'o',
  1: 'l',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's'
}
/** A well-known password is among the first few hundred guesses of anyone. */
const FAMOUS_BITS = 7

/** A verdict, from 0 (guessed at once) to 4 (out of reach). */
export type Strength = { score: 0 | 1 | 2 | 3 | 4; bits: number }

/** Bits of one character by itself. */
function single(char: string): number {
  if (/\d/.test(char)) return 3.3
  if (/[a-z]/.test(char)) return 4.4
  if (/[A-Z]/.test(char)) return 5
  return char < '\x7f' ? 5.2 : 6
}

/** Bits of a part of which one word, or one rule, tells everything; infinite where none does. */
function whole(part: string, words: ReadonlyMap<string, number>): number {
  const lower = part.toLowerCase()
  const plain = Array.from(lower, (char) => LEET[char] ?? char).join('')
  const twist = (lower === part ? 0 : 1.5) + (plain === lower ? 0 : 1.5)
  const known = words.get(lower) ?? words.get(plain)
  const found = known === undefined ? [] : [known + twist]
  if (part.length >= 3) {
    const repeated = Array.from(part).every((char) => char === part[0])
    if (repeated) found.push(single(part[0] ?? '') + Math.log2(part.length))
    const back = Array.from(lower).reverse().join('')
    if (ROWS.some((row) => row.includes(lower) || row.includes(back))) {
      found.push(FAMOUS_BITS - 1 + Math.log2(part.length))
    }
  }
  if (/^(19|20)\d\d$/.test(part)) found.push(6)
  return Math.min(...found, Infinity)
}

/** Estimates; `list` is a list of common words, each as likely as any other. */
export function strength(password: string, list: readonly string[]): Strength {
  const words = dictionary(list)
  const chars = Array.from(password.slice(0, 128))
  const best = [0]
  const seen = new Map<string, number>()
  for (let end = 1; end <= chars.length; end += 1) {
    let least = Infinity
    for (let begin = Math.max(0, end - 16); begin < end; begin += 1) {
      const part = chars.slice(begin, end).join('')
      let cost = end - begin === 1 ? single(part) : whole(part, words)
      // whoever guesses one separator guesses the others too
      if (/^[^\p{L}\d]$/u.test(part) && chars.indexOf(part) < begin) cost = 1
      const before = end - begin < 3 ? undefined : seen.get(part.toLowerCase())
      if (before !== undefined && before <= begin) cost = Math.min(cost, 2)
      least = Math.min(least, (best[begin] ?? 0) + cost)
    }
    best.push(least)
    for (let begin = Math.max(0, end - 16); begin <= end - 3; begin += 1) {
      const part = chars.slice(begin, end).join('').toLowerCase()
      if (!seen.has(part)) seen.set(part, end)
    }
  }
  const bits = best[chars.length] ?? 0
  return { bits, score: bits < 25 ? 0 : bits < 38 ? 1 : bits < 50 ? 2 : bits < 64 ? 3 : 4 }
}

let kept: { list: readonly string[]; words: ReadonlyMap<string, number> } | undefined

function dictionary(list: readonly string[]): ReadonlyMap<string, number> {
  if (kept?.list === list) return kept.words
  const bits = Math.log2(Math.max(list.length, 2))
  const words = new Map(list.map((word) => [word, bits]))
  for (const word of FAMOUS) words.set(word, FAMOUS_BITS)
  kept = { list, words }
  return words
}

/** A passphrase of words drawn evenly: five of a list of 7,776 are worth 64 bits. */
export function passphrase(list: readonly string[], count = 5): string {
  const limit = Math.floor(2 ** 32 / list.length) * list.length
  const chosen: string[] = []
  while (chosen.length < count) {
    const [drawn = limit] = crypto.getRandomValues(new Uint32Array(1))
    if (drawn < limit) chosen.push(list[drawn % list.length] ?? '')
  }
  return chosen.join('-')
}
