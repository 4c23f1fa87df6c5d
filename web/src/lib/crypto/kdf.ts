/** From a password and an account key, or a recovery code, to the keys that wrap. */
import { type Bytes, concat, idBytes, lp, utf8 } from './bytes.ts'
import { Broken, Mistyped } from './errors.ts'
import { expand, hkdf, sha256 } from './hashes.ts'

/** The fewest characters of a password. */
export const SHORTEST_PASSWORD = 12
const LONGEST_PASSWORD = 1024

/** NFKC, then UTF-8: one path for every password. */
export function normalisePassword(password: string): Bytes {
  if (!password.isWellFormed()) throw new Mistyped('not a text')
  const text = password.normalize('NFKC')
  const raw = utf8(text)
  if (Array.from(text).length < SHORTEST_PASSWORD) throw new Mistyped('password too short')
  if (raw.length > LONGEST_PASSWORD) throw new Mistyped('password too long')
  return raw
}

/** The two-secret key derivation: neither the password nor the account key alone says anything. */
export async function deriveMasterKey(
  stretched: Bytes,
  accountKey: Bytes,
  userId: string
): Promise<Bytes> {
  if (stretched.length !== 32 || accountKey.length !== 16) throw new Broken('wrong length')
  const info = concat(utf8('keyarc/ka1/2skd\0'), lp(idBytes(userId)))
  return hkdf(stretched, accountKey, info, 32)
}

/** The same from a recovery code, which needs no stretching. */
export async function deriveRecoveryMasterKey(recoveryCode: Bytes, userId: string): Promise<Bytes> {
  if (recoveryCode.length !== 20) throw new Broken('wrong length')
  const info = concat(utf8('keyarc/ka1/recovery\0'), lp(idBytes(userId)))
  return hkdf(recoveryCode, new Uint8Array(32), info, 32)
}

/** What the server is shown as proof. */
export function deriveAuth(masterKey: Bytes): Promise<Bytes> {
  return expand(masterKey, 'keyarc/ka1/auth', 32)
}

/** What wraps the user key. */
export function deriveKek(masterKey: Bytes): Promise<Bytes> {
  return expand(masterKey, 'keyarc/ka1/kek', 32)
}

/** What the server keeps of a proof. */
export function verifier(userId: string, auth: Bytes): Promise<Bytes> {
  return sha256(utf8('keyarc/ka1/verifier\0'), idBytes(userId), auth)
}
