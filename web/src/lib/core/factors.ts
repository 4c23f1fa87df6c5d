/** Second factors of the open account; what changes one takes a fresh proof. */
import {
  readAdded,
  readBackupCodes,
  readChallengeOf,
  readFactors,
  readTotpSecret
} from '../api/second-factors.ts'
import { b64, type Bytes, equal, randomBytes, unb64 } from '../crypto/bytes.ts'
import { type PasskeyUnlock, prfInput, wrapForPasskey } from '../crypto/passkeys.ts'
import type { Holder } from './holder.ts'
import type { Factors as Listed, PasskeyRequest } from './types.ts'

const AT = '/api/account'

/** The authenticator app, the backup codes and the passkeys. */
export class Factors {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** What there is; what passkeys open is remembered in this browser. */
  async list(): Promise<Listed> {
    const { http } = this.#holder.context
    const { totp, backupCodes, passkeys } = readFactors(await http.get(`${AT}/second-factors`))
    await this.#remember(passkeys.flatMap(({ unlock }) => unlock ?? []))
    return {
      totp,
      backupCodes,
      passkeys: passkeys.map(({ credentialId: id, name, createdAt, lastUsedAt, unlock }) => ({
        id,
        name,
        createdAt,
        lastUsedAt,
        unlocks: unlock !== null
      }))
    }
  }

  /** A secret for an authenticator app, as text and as the address that its QR code holds. */
  async beginTotp(): Promise<{ secret: string; uri: string }> {
    const { http, keys } = this.#holder.context
    const secret = readTotpSecret(await http.post(`${AT}/totp`, {}))
    const label = encodeURIComponent(`KeyArc:${keys.email}`)
    return { secret, uri: `otpauth://totp/${label}?secret=${secret}&issuer=KeyArc` }
  }

  /** Proves the app; backup codes come with the first second factor. */
  async confirmTotp(code: string): Promise<string[]> {
    return readBackupCodes(await this.#holder.context.http.put(`${AT}/totp`, { code }))
  }

  removeTotp(): Promise<void> {
    return this.#holder.context.http.delete(`${AT}/totp`)
  }

  async renewBackupCodes(): Promise<string[]> {
    return readBackupCodes(await this.#holder.context.http.post(`${AT}/backup-codes`, {}))
  }

  /** What a new passkey is asked, in WebAuthn's own JSON, and what its PRF is to evaluate. */
  async beginPasskey(): Promise<{ options: object; challenge: string; prfInput: Bytes }> {
    const options = await this.#holder.context.http.post(`${AT}/passkeys/options`, {})
    return { ...readChallengeOf(options), prfInput: await prfInput() }
  }

  /** Adds a passkey, which unlocks at once where its PRF told already. */
  async addPasskey(a: {
    challenge: string
    name: string
    credential: object
    prf: Bytes | null
  }): Promise<{ id: string; backupCodes: string[] }> {
    const { challenge, name, credential, prf } = a
    const { http } = this.#holder.context
    const added = readAdded(await http.post(`${AT}/passkeys`, { challenge, name, credential }))
    // whatever becomes of this, the passkey is there, and its backup codes must be shown
    if (prf !== null) await this.letUnlock({ id: added.id, prf }).catch(() => undefined)
    return added
  }

  /** What a passkey is asked so that it can unlock from now on. */
  async askPrf(id: string): Promise<PasskeyRequest> {
    return { challenge: b64(randomBytes(32)), passkeys: [id], prfInput: await prfInput() }
  }

  /** Seals the user key for a passkey. */
  async letUnlock({ id, prf }: { id: string; prf: Bytes }): Promise<void> {
    const { http, keys } = this.#holder.context
    const { keyset, passkeys } = await this.#holder.record()
    const credentialId = unb64(id)
    const of = { userId: keys.userId, keyset, credentialId }
    const unlock = await wrapForPasskey(prf, of, keys.userKey)
    const body = { keyset: String(keyset), user_key: b64(unlock.userKey) }
    await http.put(`${AT}/passkeys/${id}/unlock`, body)
    const others = passkeys.filter((one) => !equal(one.credentialId, credentialId))
    await this.#remember([...others, unlock])
  }

  removePasskey(id: string): Promise<void> {
    return this.#holder.context.http.delete(`${AT}/passkeys/${id}`)
  }

  async #remember(passkeys: PasskeyUnlock[]): Promise<void> {
    await this.#holder.world.device.save({ ...(await this.#holder.record()), passkeys })
  }
}
