/** `tests/vectors/kdf.json`. */
import type { Stretch } from '../../src/lib/crypto/argon2id.ts'
import type { Bytes } from '../../src/lib/crypto/bytes.ts'
import {
  parseAccountKey,
  parseRecoveryCode,
  showAccountKey,
  showRecoveryCode
} from '../../src/lib/crypto/codes.ts'
import { Mistyped } from '../../src/lib/crypto/errors.ts'
import {
  deriveAuth,
  deriveKek,
  deriveMasterKey,
  deriveRecoveryMasterKey,
  normalisePassword,
  verifier
} from '../../src/lib/crypto/kdf.ts'
import {
  deriveMachineKeys,
  parseMachineToken,
  showMachineToken
} from '../../src/lib/crypto/machine-tokens.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Reproduces every answer with one way to stretch; `most` limits the passwords. */
export async function derivations(v: Vectors, stretch: Stretch, most = 99): Promise<number> {
  const tally = new Tally()
  for (const one of v.passwords.slice(0, most)) {
    const password = normalisePassword(one.password)
    tally.same(password, one.normalised_utf8, one.name)
    const stretched = await stretch(password, raw(v.salt))
    tally.same(stretched, one.argon2id, one.name)
    const masterKey = await deriveMasterKey(stretched, raw(v.account_key), v.user_id)
    await derived(tally, masterKey, one, v.user_id)
  }
  for (const { password, why } of v.passwords_mistyped) {
    await tally.refuses(() => normalisePassword(password), Mistyped, why)
  }
  const code = raw(v.recovery.recovery_code)
  await derived(tally, await deriveRecoveryMasterKey(code, v.user_id), v.recovery, v.user_id)
  await codes(tally, v)
  await machineTokens(tally, v)
  return tally.count
}

async function derived(tally: Tally, masterKey: Bytes, v: Vectors, userId: string): Promise<void> {
  const auth = await deriveAuth(masterKey)
  tally.same(masterKey, v.master_key, 'master key')
  tally.same(auth, v.auth, 'auth')
  tally.same(await deriveKek(masterKey), v.kek, 'kek')
  tally.same(await verifier(userId, auth), v.verifier, 'verifier')
}

async function codes(tally: Tally, v: Vectors): Promise<void> {
  for (const { account_key, shown, typed } of v.account_keys) {
    tally.same(await showAccountKey(raw(account_key)), shown, 'account key')
    for (const text of typed) tally.same(await parseAccountKey(text), account_key, text)
  }
  for (const text of v.account_keys_mistyped) {
    await tally.refuses(() => parseAccountKey(text), Mistyped, text)
  }
  for (const { recovery_code, shown, typed } of v.recovery_codes) {
    tally.same(await showRecoveryCode(raw(recovery_code)), shown, 'recovery code')
    for (const text of typed) tally.same(await parseRecoveryCode(text), recovery_code, text)
  }
  for (const text of v.recovery_codes_mistyped) {
    await tally.refuses(() => parseRecoveryCode(text), Mistyped, text)
  }
}

async function machineTokens(tally: Tally, v: Vectors): Promise<void> {
  for (const { machine_id, secret, shown, copied, ...keys } of v.machine_tokens) {
    const token = { machineId: machine_id as string, secret: raw(secret) }
    tally.same(await showMachineToken(token), shown, 'machine token')
    for (const text of copied) tally.same(await parseMachineToken(text), token, 'machine token')
    const { masterKey, auth, userKey } = await deriveMachineKeys(token)
    tally.same(masterKey, keys.master_key, 'master key of a machine')
    tally.same(auth, keys.auth, 'auth of a machine')
    tally.same(userKey, keys.user_key, 'user key of a machine')
    tally.same(await verifier(token.machineId, auth), keys.verifier, 'verifier of a machine')
  }
  for (const text of v.machine_tokens_mistyped) {
    await tally.refuses(() => parseMachineToken(text), Mistyped, text)
  }
}
