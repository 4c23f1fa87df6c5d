/** Registration: the one place where the keys of an account are made. */
import type { Http } from '../api/http.ts'
import { Identity, makeUserKey, wrapUserKey } from '../crypto/account-keys.ts'
import type { Stretch } from '../crypto/argon2id.ts'
import { b64, type Bytes, makeId, randomBytes } from '../crypto/bytes.ts'
import {
  makeAccountKey,
  makeRecoveryCode,
  showAccountKey,
  showRecoveryCode
} from '../crypto/codes.ts'
import { ObjectType, SUITE } from '../crypto/encoding.ts'
import { deriveAuth, deriveKek, deriveMasterKey, deriveRecoveryMasterKey } from '../crypto/kdf.ts'
import { Keyring } from '../crypto/keyring.ts'

/** An account that was made here and is not sent yet. */
export type Registration = {
  email: string
  userId: string
  salt: Bytes
  accountKey: Bytes
  masterKey: Bytes
  shown: { accountKey: string; recoveryCode: string }
  body: object
}

const FIRST = 1n

/** Makes everything that an account begins with. */
export async function register(
  email: string,
  password: Bytes,
  stretch: Stretch
): Promise<Registration> {
  const userId = makeId()
  const salt = randomBytes(16)
  const accountKey = makeAccountKey()
  const recoveryCode = makeRecoveryCode()
  const masterKey = await deriveMasterKey(await stretch(password, salt), accountKey, userId)
  const recoveryKey = await deriveRecoveryMasterKey(recoveryCode, userId)
  const sealed = await sealAll(userId, await deriveKek(masterKey), await deriveKek(recoveryKey))
  const body = {
    user_id: userId,
    email,
    suite: SUITE,
    salt: b64(salt),
    auth: b64(await deriveAuth(masterKey)),
    recovery_auth: b64(await deriveAuth(recoveryKey)),
    ...sealed
  }
  const shown = {
    accountKey: await showAccountKey(accountKey),
    recoveryCode: await showRecoveryCode(recoveryCode)
  }
  return { email, userId, salt, accountKey, masterKey, shown, body }
}

async function sealAll(userId: string, kek: Bytes, recoveryKek: Bytes): Promise<object> {
  const userKey = makeUserKey()
  const identity = Identity.make(userId)
  const wrap = (key: Bytes, type: Parameters<typeof wrapUserKey>[1]): Promise<Bytes> =>
    wrapUserKey(key, type, userId, FIRST, userKey)
  return {
    user_key: b64(await wrap(kek, ObjectType.USER_KEY_BY_PASSWORD)),
    recovery_user_key: b64(await wrap(recoveryKek, ObjectType.USER_KEY_BY_RECOVERY_CODE)),
    identity: b64(await identity.seal(userKey, FIRST)),
    idcert: b64((await identity.idcert()).raw),
    keyring: b64(await new Keyring().seal(userKey, userId, FIRST))
  }
}

/** Sends a registration. */
export async function send(http: Http, registration: Registration): Promise<void> {
  await http.post('/auth/accounts', registration.body)
}
