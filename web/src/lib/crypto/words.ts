/** Seven words by which two people compare a key out loud. */
import { type Bytes, concat, hex, idBytes, u64, utf8 } from './bytes.ts'
import { Broken } from './errors.ts'
import { sha256 } from './hashes.ts'

const COUNT = 7
const LIST_LENGTH = 7776n

/** EFF's long list, loaded when it is first needed. */
async function loadList(): Promise<string[]> {
  const { default: text } = await import('../../../../shared/keyarc/words.txt?raw')
  return text.trim().split('\n')
}

/** The words for one person's public keys of one epoch. */
export function words(
  userId: string,
  edPk: Bytes,
  xPk: Bytes,
  keyEpoch: bigint
): Promise<string[]> {
  return wordsOf(concat(utf8('keyarc/ka1/fp\0'), idBytes(userId), edPk, xPk, u64(keyEpoch)))
}

/** The words for a message, whose first bytes say what it is. */
export async function wordsOf(message: Bytes): Promise<string[]> {
  let n = BigInt(`0x${hex(await sha256(message))}`)
  const list = await loadList()
  if (BigInt(list.length) !== LIST_LENGTH) throw new Broken('word list incomplete')
  const chosen: string[] = []
  for (let i = 0; i < COUNT; i++) {
    chosen.push(list[Number(n % LIST_LENGTH)] ?? '')
    n /= LIST_LENGTH
  }
  return chosen
}
