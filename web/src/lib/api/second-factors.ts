/** The server's answers about second factors and passkeys, read strictly. */
import { type Bytes, parseU64, unb64 } from '../crypto/bytes.ts'
import { checkBlob, ObjectType } from '../crypto/encoding.ts'
import { Broken } from '../crypto/errors.ts'
import type { Json } from '../crypto/json.ts'
import type { PasskeyUnlock } from '../crypto/passkeys.ts'
import { asArray, asCount, asFlag, asObject, asString, having, orNull } from '../crypto/shape.ts'

/** How a second factor may answer. */
export type Method = 'totp' | 'backup-code' | 'passkey'

const METHODS: readonly Json[] = ['totp', 'backup-code', 'passkey'] satisfies Method[]

/** The password was right, and a second factor is asked for. */
export type Needed = {
  challenge: string
  methods: Method[]
  /** Credential ids in base64url, as WebAuthn writes them. */
  passkeys: string[]
  expiresIn: number
}

function readBase64(value: Json): string {
  unb64(value)
  return asString(value)
}

/** Whether an answer asks for a second factor. */
export function isNeeded(json: Json): boolean {
  return 'challenge' in asObject(json)
}

/** Reads what asks for a second factor. */
export function readNeeded(json: Json): Needed {
  const needed = having(json, 'challenge', 'methods', 'passkeys', 'expires_in')
  unb64(needed.challenge, 32)
  const methods = asArray(needed.methods)
  if (!methods.every((method) => METHODS.includes(method))) throw new Broken('unknown method')
  return {
    challenge: asString(needed.challenge),
    methods: methods as Method[],
    passkeys: asArray(needed.passkeys).map(readBase64),
    expiresIn: asCount(needed.expires_in)
  }
}

/** Reads the challenge of a login by passkey. */
export function readPasskeyChallenge(json: Json): string {
  const { challenge } = having(json, 'challenge')
  unb64(challenge, 32)
  return asString(challenge)
}

/** Reads the user key as a passkey opens it. */
export function readUnlock(json: Json): PasskeyUnlock {
  const { credential_id, keyset, user_key } = having(json, 'credential_id', 'keyset', 'user_key')
  return {
    credentialId: unb64(credential_id),
    keyset: parseU64(keyset),
    userKey: readWrapped(user_key)
  }
}

function readWrapped(value: Json): Bytes {
  const blob = unb64(value)
  checkBlob(blob, ObjectType.USER_KEY_BY_PASSKEY)
  return blob
}

/** A passkey of the account. */
export type ListedPasskey = {
  credentialId: string
  name: string
  createdAt: string
  lastUsedAt: string | null
  unlock: PasskeyUnlock | null
}

function readPasskey(json: Json): ListedPasskey {
  const passkey = having(json, 'credential_id', 'name', 'created_at', 'last_used_at', 'unlock')
  const credentialId = readBase64(passkey.credential_id)
  return {
    credentialId,
    name: asString(passkey.name),
    createdAt: asString(passkey.created_at),
    lastUsedAt: orNull(passkey.last_used_at, asString),
    unlock: orNull(passkey.unlock, (unlock) =>
      readUnlock({ ...asObject(unlock), credential_id: credentialId })
    )
  }
}

/** The second factors of the account. */
export type ListedFactors = { totp: boolean; backupCodes: number; passkeys: ListedPasskey[] }

/** Reads the second factors. */
export function readFactors(json: Json): ListedFactors {
  const { totp, backup_codes, passkeys } = having(json, 'totp', 'backup_codes', 'passkeys')
  return {
    totp: asFlag(totp),
    backupCodes: asCount(backup_codes),
    passkeys: asArray(passkeys).map(readPasskey)
  }
}

/** Reads backup codes. */
export function readBackupCodes(json: Json): string[] {
  return asArray(having(json, 'backup_codes').backup_codes).map(asString)
}

/** Reads a new secret of an authenticator app; the address for its QR code is made here. */
export function readTotpSecret(json: Json): string {
  const secret = asString(having(json, 'secret').secret)
  if (!/^[A-Z2-7]{32,}$/.test(secret)) throw new Broken('not base32')
  return secret
}

/** Reads what a new passkey is asked: WebAuthn's own options, and the challenge among them. */
export function readChallengeOf(json: Json): { options: object; challenge: string } {
  return { options: asObject(json), challenge: readPasskeyChallenge(json) }
}

/** Reads what a new passkey was kept as. */
export function readAdded(json: Json): { id: string; backupCodes: string[] } {
  const id = readBase64(having(json, 'credential_id').credential_id)
  return { id, backupCodes: readBackupCodes(json) }
}
