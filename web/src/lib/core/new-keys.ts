/** New keys for an account that is open: its password, its codes, or everything. */
import { wrapUserKey } from '../crypto/account-keys.ts'
import { b64, type Bytes, equal, randomBytes } from '../crypto/bytes.ts'
import {
  makeAccountKey,
  makeRecoveryCode,
  showAccountKey,
  showRecoveryCode
} from '../crypto/codes.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { deriveAuth, deriveKek, deriveRecoveryMasterKey } from '../crypto/kdf.ts'
import { type Change, carryOut, fetchProfile } from './changes.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import type { DeviceRecord } from './device.ts'
import { CoreError } from './errors.ts'
import type { Holder } from './holder.ts'
import { checkedPassword } from './inputs.ts'
import { type Keys, KeyringKeeper } from './keys.ts'
import type { Proven, Secrets } from './proofs.ts'
import { rotation } from './rotation.ts'

const TRIES = 5

/** Each change takes a fresh proof and is one request; every other session ends with it. */
export class NewKeys {
  readonly #holder: Holder
  readonly #proven: Proven
  #accountKey: Bytes | null = null
  #recoveryCode: Bytes | null = null

  constructor(holder: Holder, proven: Proven) {
    this.#holder = holder
    this.#proven = proven
  }

  /** Another account key, to be kept by its owner before `changeAccountKey` sends it. */
  async makeAccountKey(): Promise<string> {
    this.#accountKey = makeAccountKey()
    return showAccountKey(this.#accountKey)
  }

  /** Another recovery code, to be kept by its owner before anything is sent that has it. */
  async makeRecoveryCode(): Promise<string> {
    this.#recoveryCode = makeRecoveryCode()
    return showRecoveryCode(this.#recoveryCode)
  }

  async changePassword(a: { password: string }): Promise<void> {
    const password = checkedPassword(a.password)
    const { accountKey } = this.#proven.take()
    await this.#changeAccess({ password, accountKey })
  }

  async changeAccountKey(): Promise<void> {
    const accountKey = made(this.#accountKey)
    const { password } = this.#proven.take()
    await this.#changeAccess({ password, accountKey })
    this.#accountKey = null
  }

  async changeRecoveryCode(): Promise<void> {
    const code = made(this.#recoveryCode)
    this.#proven.take()
    const { keyset } = await this.#holder.record()
    const { recoveryCodeAt } = await fetchProfile(this.#holder.world)
    const body = await byRecoveryCode(code, this.#holder.context.keys, keyset)
    await carryOut(this.#holder.world, {
      path: '/api/account/recovery',
      body: { keyset: String(keyset), ...body },
      done: (now) => now.recoveryCodeAt !== recoveryCodeAt,
      next: null
    })
    this.#recoveryCode = null
  }

  /** A new user key and a new identity, signed by the old one, in every vault at once. */
  async rotate(): Promise<void> {
    const code = made(this.#recoveryCode)
    const secrets = this.#proven.take()
    const { context } = await this.#holder.vaults.together((all) =>
      this.#send(async () => this.#rotation(await this.#holder.record(), code, secrets, all))
    )
    this.#holder.open(context)
    this.#recoveryCode = null
  }

  async #rotation(
    record: DeviceRecord,
    code: Bytes,
    secrets: Secrets,
    all: Contents[]
  ): Promise<Change & { context: Context }> {
    const { context, world } = this.#holder
    const { keys, keyring, replaces, sealed, commits } = await rotation(context, all)
    const { body, next } = await this.#byPassword(record, keys, secrets)
    const keeper = new KeyringKeeper(world.http, world.device, keys, keyring, replaces + 1n)
    return {
      path: '/api/account/keys',
      body: {
        ...body,
        ...(await byRecoveryCode(code, keys, next.keyset)),
        idcert: b64(keys.idcert.raw),
        keyring: { replaces: String(replaces), blob: b64(sealed) },
        commits
      },
      done: (now) => equal(now.salt, next.salt),
      next: {
        ...next,
        idcert: keys.idcert.raw,
        revision: replaces + 1n,
        keyring: sealed,
        // no passkey opens another user key
        passkeys: []
      },
      context: { ...context, keys, keeper }
    }
  }

  async #changeAccess(secrets: Secrets): Promise<void> {
    const record = await this.#holder.record()
    const { body, next } = await this.#byPassword(record, this.#holder.context.keys, secrets)
    const done: Change['done'] = (now) => equal(now.salt, next.salt)
    await carryOut(this.#holder.world, { path: '/api/account/password', body, done, next })
  }

  /** What lets a password and an account key open the user key from now on. */
  async #byPassword(
    record: DeviceRecord,
    { userKey, identity }: Keys,
    { password, accountKey }: Secrets
  ): Promise<{ body: object; next: DeviceRecord }> {
    const { userId } = record
    const keyset = record.keyset + 1n
    const salt = randomBytes(16)
    const masterKey = await this.#holder.derive(password, { userId, salt, accountKey })
    const type = ObjectType.USER_KEY_BY_PASSWORD
    const wrapped = await wrapUserKey(await deriveKek(masterKey), type, userId, keyset, userKey)
    const sealed = await identity.seal(userKey, keyset)
    const body = {
      keyset: String(keyset),
      salt: b64(salt),
      auth: b64(await deriveAuth(masterKey)),
      user_key: b64(wrapped),
      identity: b64(sealed)
    }
    const next = { ...record, accountKey, salt, keyset, userKey: wrapped, identity: sealed }
    return { body, next }
  }

  /** Sends a change, made anew as often as others write in between. */
  async #send<C extends Change>(make: () => Promise<C>): Promise<C> {
    for (let tried = 0; tried < TRIES; tried++) {
      const change = await make()
      if (await carryOut(this.#holder.world, change)) return change
    }
    // new keys are told to every vault, and one that waits is not opened for that
    const waiting = this.#holder.vaults.waiting.size > 0
    throw new CoreError(waiting ? 'vaults-waiting' : 'stale', 'others keep writing')
  }
}

function made(code: Bytes | null): Bytes {
  if (code === null) throw new CoreError('refused', 'nothing was made')
  return code
}

/** What lets a recovery code open the user key. */
async function byRecoveryCode(code: Bytes, keys: Keys, keyset: bigint): Promise<object> {
  const { userId, userKey } = keys
  const recoveryKey = await deriveRecoveryMasterKey(code, userId)
  const type = ObjectType.USER_KEY_BY_RECOVERY_CODE
  const kek = await deriveKek(recoveryKey)
  return {
    recovery_auth: b64(await deriveAuth(recoveryKey)),
    recovery_user_key: b64(await wrapUserKey(kek, type, userId, keyset, userKey))
  }
}
