/** The way back in by the recovery code. It keeps the user key and replaces what opens it. */
import { readLogin } from '../api/answers.ts'
import { Problem } from '../api/http.ts'
import { readBegun, readReleased, type Released } from '../api/returns.ts'
import { type Identity, unwrapUserKey, type Wrapping, wrapUserKey } from '../crypto/account-keys.ts'
import { b64, type Bytes, randomBytes } from '../crypto/bytes.ts'
import {
  makeAccountKey,
  makeRecoveryCode,
  parseRecoveryCode,
  showAccountKey,
  showRecoveryCode
} from '../crypto/codes.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { Broken } from '../crypto/errors.ts'
import { deriveAuth, deriveKek, deriveRecoveryMasterKey } from '../crypto/kdf.ts'
import { Keyring } from '../crypto/keyring.ts'
import { deviceName } from './device-name.ts'
import { CoreError } from './errors.ts'
import { toCoreError } from './failures.ts'
import type { Holder } from './holder.ts'
import { checkedEmail, checkedPassword } from './inputs.ts'
import { byPassword, checkLogin, openKeys, prelogin } from './keys.ts'

type Begun = { email: string; userId: string; recoveryKey: Bytes; token: string }
type Prepared = { email: string; userId: string; salt: Bytes; accountKey: Bytes; masterKey: Bytes }

/** One recovery, from the code to new keys of access. Nothing of it outlives the worker. */
export class Recovery {
  readonly #holder: Holder
  #begun: Begun | null = null
  #prepared: (Prepared & { body: object }) | null = null

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** Proves the code. Beginning again goes on with the delay that runs. */
  async begin(a: {
    email: string
    recoveryCode: string
  }): Promise<{ readyIn: number; mail: boolean }> {
    const { http } = this.#holder.world
    const email = checkedEmail(a.email)
    const code = await parseRecoveryCode(a.recoveryCode).catch((ex: unknown) => {
      throw new CoreError('mistyped', toCoreError(ex).message, { field: 'recoveryCode' })
    })
    const { userId } = await prelogin(http, email)
    const recoveryKey = await deriveRecoveryMasterKey(code, userId)
    const { token, readyIn, mail } = readBegun(
      await http.post('/auth/recovery', {
        email,
        recovery_auth: b64(await deriveAuth(recoveryKey)),
        device: deviceName()
      })
    )
    this.#begun = { email, userId, recoveryKey, token }
    return { readyIn, mail }
  }

  /**
   * Fetches the sealed keys and makes everything new; the codes are to be kept before `finish`.
   * Null where the account has a second factor, and `code` was not given.
   */
  async prepare(a: {
    password: string
    mailCode?: string
    code?: string
  }): Promise<{ accountKey: string; recoveryCode: string } | null> {
    const password = checkedPassword(a.password)
    const begun = this.#begun
    if (begun === null) throw new CoreError('refused', 'nothing begun')
    const released = await this.#fetch(begun, a)
    if (released === null) return null
    const [salt, accountKey] = [randomBytes(16), makeAccountKey()]
    const masterKey = await this.#holder.derive(password, { ...begun, salt, accountKey })
    const recoveryCode = makeRecoveryCode()
    const body = await renewed(begun, released, { salt, masterKey, recoveryCode })
    const { email, userId } = begun
    this.#prepared = { email, userId, salt, accountKey, masterKey, body }
    return {
      accountKey: await showAccountKey(accountKey),
      recoveryCode: await showRecoveryCode(recoveryCode)
    }
  }

  /** Sends what `prepare` made, and opens the account. */
  async finish(): Promise<void> {
    const made = this.#prepared
    if (made === null) throw new CoreError('refused', 'nothing prepared')
    const { http, device } = this.#holder.world
    const login = readLogin(await http.post('/auth/recovery/finish', made.body))
    const record = await device.load()
    const known = record?.userId === made.userId ? record : null
    checkLogin(login, made, known)
    const { email, accountKey, masterKey } = made
    await this.#holder.enter(login, { email, accountKey }, byPassword(masterKey, 'broken'), known)
    this.#begun = this.#prepared = null
  }

  async #fetch(begun: Begun, a: { mailCode?: string; code?: string }): Promise<Released | null> {
    const body = {
      ...(await proofOf(begun)),
      ...(a.mailCode === undefined ? {} : { mail_code: a.mailCode }),
      ...(a.code === undefined ? {} : { code: a.code })
    }
    try {
      return readReleased(await this.#holder.world.http.post('/auth/recovery/keys', body))
    } catch (ex) {
      if (ex instanceof Problem && ex.slug === 'second-factor-needed') return null
      throw ex
    }
  }
}

async function proofOf({ recoveryKey, token }: Begun): Promise<object> {
  return { recovery: token, recovery_auth: b64(await deriveAuth(recoveryKey)) }
}

/** The body that replaces what opens the account; the user key stays. */
async function renewed(
  begun: Begun,
  released: Released,
  made: { salt: Bytes; masterKey: Bytes; recoveryCode: Bytes }
): Promise<object> {
  const { userKey, identity } = await openReleased(begun, released)
  const { userId } = begun
  const keyset = released.keyset + 1n
  const recoveryKey = await deriveRecoveryMasterKey(made.recoveryCode, userId)
  const wrap = async (key: Bytes, type: Wrapping): Promise<string> =>
    b64(await wrapUserKey(await deriveKek(key), type, userId, keyset, userKey))
  return {
    ...(await proofOf(begun)),
    keyset: String(keyset),
    salt: b64(made.salt),
    auth: b64(await deriveAuth(made.masterKey)),
    user_key: await wrap(made.masterKey, ObjectType.USER_KEY_BY_PASSWORD),
    identity: b64(await identity.seal(userKey, keyset)),
    new_recovery_auth: b64(await deriveAuth(recoveryKey)),
    recovery_user_key: await wrap(recoveryKey, ObjectType.USER_KEY_BY_RECOVERY_CODE),
    device: deviceName()
  }
}

/** Opens what was handed out: all of it, since what does not open must not be sealed again. */
async function openReleased(
  { email, userId, recoveryKey }: Begun,
  released: Released
): Promise<{ userKey: Bytes; identity: Identity }> {
  if (released.userId !== userId) throw new Broken('another account')
  const { keyset, identity, idcert, keyring } = released
  const userKey = await unwrapUserKey(
    await deriveKek(recoveryKey),
    ObjectType.USER_KEY_BY_RECOVERY_CODE,
    userId,
    released.recoveryKeyset,
    released.recoveryUserKey
  )
  const keys = await openKeys({ email, userId, keyset, identity, idcert }, userKey)
  await Keyring.open(userKey, userId, keyring.revision, keyring.blob)
  return { userKey, identity: keys.identity }
}
