/** A new device that asks for the account key, and a signed-in one that hands it over. */
import { type Bytes, concat, idBytes, lp, utf8 } from './bytes.ts'
import { Broken } from './errors.ts'
import { sha256 } from './hashes.ts'
import { wordsOf } from './words.ts'
import { hpke } from './xwing.ts'

/** Whose account key is asked for, and the X-Wing key that it is to be sealed for. */
export type Asked = { userId: string; email: string; xPk: Bytes }

async function makeInfo({ userId, email, xPk }: Asked): Promise<Bytes> {
  const label = utf8('keyarc/ka1/device-approval\0')
  return concat(label, idBytes(userId), lp(utf8(email)), await sha256(xPk))
}

/**
 * The words of a request. The signed-in device seals only when they are the same on both screens:
 * then no server has put a key of its own in the place of the new device's.
 */
export function requestWords(email: string, xPk: Bytes): Promise<string[]> {
  return wordsOf(concat(utf8('keyarc/ka1/device-request\0'), lp(utf8(email)), xPk))
}

/**
 * The words of an answer. The new device goes on only when they are the same on both screens:
 * with an account key of the server's making, its proof would let the server guess the password.
 */
export async function approvedWords(email: string, xPk: Bytes, sealed: Bytes): Promise<string[]> {
  const label = utf8('keyarc/ka1/device-approved\0')
  return wordsOf(concat(label, lp(utf8(email)), xPk, await sha256(sealed)))
}

/** Seals the account key for a device whose words were compared. */
export async function sealAccountKey(asked: Asked, accountKey: Bytes): Promise<Bytes> {
  return (await hpke()).seal(asked.xPk, await makeInfo(asked), accountKey)
}

/** Opens what `sealAccountKey` made, by the seed of the request's key. */
export async function openAccountKey(asked: Asked, seed: Bytes, sealed: Bytes): Promise<Bytes> {
  const info = await makeInfo(asked)
  const accountKey = await (await hpke()).open(seed, info, sealed).catch(() => {
    throw new Broken('not sealed for this device')
  })
  if (accountKey.length !== 16) throw new Broken('wrong length')
  return accountKey
}
