/** Logging in and unlocking by a passkey: its PRF opens the user key, its signature a session. */
import { type Login, readKeyring, readLogin } from '../api/answers.ts'
import { readProfile } from '../api/profile.ts'
import { readPasskeyChallenge } from '../api/second-factors.ts'
import { b64, type Bytes, equal, randomBytes, unb64 } from '../crypto/bytes.ts'
import { Broken } from '../crypto/errors.ts'
import { prfInput, unwrapByPasskey } from '../crypto/passkeys.ts'
import type { Context } from './context.ts'
import { deviceName } from './device-name.ts'
import type { DeviceRecord } from './device.ts'
import { CoreError } from './errors.ts'
import { toCoreError } from './failures.ts'
import type { Holder } from './holder.ts'
import { checkLogin } from './keys.ts'
import type { PasskeyAnswer, PasskeyRequest } from './types.ts'

const UNREACHED = new Set(['offline', 'too-many-requests', 'unavailable'])

/** One touch: it opens what this browser keeps, and serves for a new session where it must. */
export class PasskeyLogin {
  readonly #holder: Holder
  #asked: { challenge: string; byServer: boolean } | null = null

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** What a passkey is to do: any of the account's, or any at all where none is known here. */
  async ask(): Promise<PasskeyRequest> {
    const record = await this.#holder.world.device.load()
    const passkeys = record?.passkeys ?? []
    this.#asked = await this.#challenge(passkeys.length > 0)
    return {
      challenge: this.#asked.challenge,
      passkeys: passkeys.map(({ credentialId }) => b64(credentialId)),
      prfInput: await prfInput()
    }
  }

  /** Opens the account by what the passkey answered. */
  async enter({ id, credential, prf }: PasskeyAnswer): Promise<void> {
    const asked = this.#asked
    this.#asked = null
    if (asked === null) throw new CoreError('challenge-ended', 'nothing is asked')
    if (prf === null) throw new CoreError('passkey-cannot-open')
    const record = await this.#holder.world.device.load()
    if (record !== null && (await this.#unlock(record, unb64(id), prf))) return
    if (!asked.byServer) throw new CoreError('offline', 'the session is over')
    await this.#logIn({ challenge: asked.challenge, credential }, unb64(id), prf, record)
  }

  /** The server's challenge; one of our own is enough to open what this browser keeps. */
  async #challenge(known: boolean): Promise<{ challenge: string; byServer: boolean }> {
    try {
      const json = await this.#holder.world.http.post('/auth/passkey-sessions/options', {})
      return { challenge: readPasskeyChallenge(json), byServer: true }
    } catch (ex) {
      if (!known || !UNREACHED.has(toCoreError(ex).code)) throw ex
      return { challenge: b64(randomBytes(32)), byServer: false }
    }
  }

  /** Opens what this browser keeps; false where that takes a new session. */
  async #unlock(record: DeviceRecord, id: Bytes, prf: Bytes): Promise<boolean> {
    const unlock = record.passkeys.find(({ credentialId }) => equal(credentialId, id))
    if (unlock === undefined) return false
    const unwrap = (): Promise<Bytes> =>
      unwrapByPasskey(prf, record.userId, unlock).catch(() => {
        // no server has a part in this: it was sealed for what the passkey gave then
        throw new CoreError('passkey-cannot-open')
      })
    const context = await this.#holder.unseal(record, unwrap)
    try {
      await this.#refresh(context)
    } catch (ex) {
      const { code } = toCoreError(ex)
      if (code === 'session-ended') return false
      if (code !== 'offline' && code !== 'unavailable') throw ex
    }
    this.#holder.open(context)
    return true
  }

  async #refresh({ http, keeper }: Context): Promise<void> {
    await keeper.take(readKeyring(await http.get('/api/account/keyring')))
  }

  async #logIn(proof: object, id: Bytes, prf: Bytes, record: DeviceRecord | null): Promise<void> {
    const { http } = this.#holder.world
    const body = { ...proof, device: deviceName() }
    const login = readLogin(await http.post('/auth/passkey-sessions', body))
    const { passkey, userId } = login
    if (record !== null && record.userId !== userId) {
      await this.#leave('wrong-credentials')
    } else if (passkey === null || !equal(passkey.credentialId, id)) {
      await this.#leave('passkey-cannot-open')
    } else {
      checkLogin(login, login, record)
      const email = record?.email ?? (await this.#email(login))
      const of = { email, accountKey: record?.accountKey ?? null }
      await this.#holder.enter(login, of, () => unwrapByPasskey(prf, userId, passkey), record)
    }
  }

  /** Ends a session that opens nothing. */
  async #leave(code: 'passkey-cannot-open' | 'wrong-credentials'): Promise<never> {
    await this.#holder.world.http.delete('/auth/sessions/current')
    throw new CoreError(code)
  }

  /** Whose account it is: nobody has typed an address. */
  async #email({ userId }: Login): Promise<string> {
    const profile = readProfile(await this.#holder.world.http.get('/api/account/profile'))
    if (profile.userId !== userId) throw new Broken('another account')
    return profile.email
  }
}
