/** The user key under a passkey: what its PRF evaluates, and what wraps by the result. */
import { type Bytes, concat, idBytes, lp, u64, utf8 } from './bytes.ts'
import { ObjectType } from './encoding.ts'
import { Broken } from './errors.ts'
import { hkdf, sha256 } from './hashes.ts'
import { deriveKek } from './kdf.ts'
import { open, seal } from './seal.ts'

/** WebAuthn allows twice as much, but WebCrypto may take no more than 1,024 bytes of HKDF info. */
const LONGEST_ID = 512

/** A user key that one passkey opens, sealed under the keyset of that time. */
export type PasskeyUnlock = { credentialId: Bytes; keyset: bigint; userKey: Bytes }

/** What every authenticator is asked to evaluate; the passkey's own secret makes it another's. */
export function prfInput(): Promise<Bytes> {
  return sha256(utf8('keyarc/ka1/prf\0'))
}

/** The master key of one passkey of one person. */
export async function derivePasskeyMasterKey(
  prf: Bytes,
  userId: string,
  credentialId: Bytes
): Promise<Bytes> {
  const known = credentialId.length > 0 && credentialId.length <= LONGEST_ID
  if (prf.length !== 32 || !known) throw new Broken('wrong length')
  const info = concat(utf8('keyarc/ka1/passkey\0'), lp(idBytes(userId)), lp(credentialId))
  return hkdf(prf, new Uint8Array(32), info, 32)
}

/** Wraps the user key for a passkey. */
export async function wrapForPasskey(
  prf: Bytes,
  of: { userId: string; keyset: bigint; credentialId: Bytes },
  userKey: Bytes
): Promise<PasskeyUnlock> {
  const { userId, keyset, credentialId } = of
  const kek = await deriveKek(await derivePasskeyMasterKey(prf, userId, credentialId))
  const fields = [idBytes(userId), u64(keyset), credentialId]
  const sealed = await seal(kek, ObjectType.USER_KEY_BY_PASSKEY, fields, userKey)
  return { credentialId, keyset, userKey: sealed }
}

/** Opens what `wrapForPasskey` made. */
export async function unwrapByPasskey(
  prf: Bytes,
  userId: string,
  { credentialId, keyset, userKey: sealed }: PasskeyUnlock
): Promise<Bytes> {
  const kek = await deriveKek(await derivePasskeyMasterKey(prf, userId, credentialId))
  const fields = [idBytes(userId), u64(keyset), credentialId]
  const userKey = await open(kek, ObjectType.USER_KEY_BY_PASSKEY, fields, sealed)
  if (userKey.length !== 32) throw new Broken()
  return userKey
}
