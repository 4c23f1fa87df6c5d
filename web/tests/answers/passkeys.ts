/** `tests/vectors/passkey.json`. */
import { Broken } from '../../src/lib/crypto/errors.ts'
import { deriveKek } from '../../src/lib/crypto/kdf.ts'
import {
  derivePasskeyMasterKey,
  prfInput,
  unwrapByPasskey,
  wrapForPasskey
} from '../../src/lib/crypto/passkeys.ts'
import { raw, Tally, type Vectors } from './agree.ts'

function unlock(v: Vectors) {
  const credentialId = raw(v.credential_id as string)
  return { credentialId, keyset: BigInt(v.keyset as string), userKey: raw(v.sealed as string) }
}

/** Reproduces every answer. */
export async function passkeys(v: Vectors): Promise<number> {
  const tally = new Tally()
  tally.same(await prfInput(), v.prf_input, 'input of the PRF')
  for (const one of v.passkeys) {
    const { userId, prf } = { userId: one.user_id as string, prf: raw(one.prf as string) }
    const sealed = unlock(one)
    const masterKey = await derivePasskeyMasterKey(prf, userId, sealed.credentialId)
    tally.same(masterKey, one.master_key, 'master key of a passkey')
    tally.same(await deriveKek(masterKey), one.kek, 'kek of a passkey')
    const userKey = await unwrapByPasskey(prf, userId, sealed)
    tally.same(userKey, one.user_key, 'user key by a passkey')
    const again = await wrapForPasskey(prf, { userId, ...sealed }, userKey)
    tally.same(await unwrapByPasskey(prf, userId, again), one.user_key, 'wrapped again')
  }
  for (const { why, user_id, prf, ...one } of v.refused) {
    await tally.refuses(
      () => unwrapByPasskey(raw(prf as string), user_id as string, unlock(one)),
      Broken,
      why as string
    )
  }
  return tally.count
}
