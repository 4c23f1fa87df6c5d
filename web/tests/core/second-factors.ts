/** What the server of the tests has besides a password. */
import { b64 } from '../../src/lib/crypto/bytes.ts'
import { type Any, Refusal } from './refusal.ts'

export const CODE = '123456'
export const CHALLENGE = b64(new Uint8Array(32).fill(7))
export const BACKUP_CODES = Array.from({ length: 10 }, (_, n) => `AAAA-AAAA-AAAA-AAA${String(n)}`)

type Passkey = { credential_id: string; name: string; unlock: Any | null }

/** Second factors, checked by their looks. */
export class SecondFactors {
  totp = false
  passkeys: Passkey[] = []

  /** What a login needs besides the password. */
  get needed(): Any | null {
    if (!this.totp && this.passkeys.length === 0) return null
    const methods = [...(this.totp ? ['totp'] : []), 'backup-code']
    const ids = this.passkeys.map(({ credential_id }) => credential_id)
    if (ids.length > 0) methods.push('passkey')
    return { challenge: CHALLENGE, methods, passkeys: ids, expires_in: 300 }
  }

  /** Checks the answer; what a passkey opens comes with it. */
  check({ challenge, code, credential }: Any): Any | null {
    if (challenge !== CHALLENGE) throw new Refusal(401, 'challenge-ended')
    const { id } = (credential ?? {}) as { id?: string }
    const used = this.passkeys.find(({ credential_id }) => credential_id === id)
    if (code !== CODE && used === undefined) throw new Refusal(401, 'wrong-code')
    if (!used?.unlock) return null
    return { credential_id: used.credential_id, ...used.unlock }
  }

  /** The routes of the account's second factors. */
  own(method: string, noun: string, [id, what]: string[], json: Any): unknown {
    if (noun === 'second-factors') return this.#list()
    if (noun === 'backup-codes') return { backup_codes: BACKUP_CODES }
    if (noun === 'totp') return this.#totp(method, json)
    if (id === 'options') return { challenge: CHALLENGE, rp: { id: 'localhost' } }
    if (method === 'POST') return this.#add(json)
    const passkey = this.passkeys.find(({ credential_id }) => credential_id === id)
    if (passkey === undefined) throw new Refusal(404, 'not-found')
    if (what === 'unlock') passkey.unlock = json
    else this.passkeys = this.passkeys.filter((one) => one !== passkey)
    return null
  }

  #list(): Any {
    const times = { created_at: '2030-01-01T00:00:00Z', last_used_at: null }
    const passkeys = this.passkeys.map((passkey) => ({ ...passkey, ...times }))
    return { totp: this.totp, backup_codes: 10, passkeys }
  }

  #totp(method: string, { code }: Any): unknown {
    const secret = 'A'.repeat(32)
    if (method === 'POST') return { secret, uri: `otpauth://totp/Evil?secret=${secret}` }
    if (method === 'PUT' && code !== CODE) throw new Refusal(401, 'wrong-code')
    this.totp = method === 'PUT'
    return method === 'PUT' ? { backup_codes: BACKUP_CODES } : null
  }

  #add({ name, credential }: Any): Any {
    const { id } = credential as { id: string }
    this.passkeys.push({ credential_id: id, name: String(name), unlock: null })
    return { credential_id: id, backup_codes: this.passkeys.length === 1 ? BACKUP_CODES : [] }
  }
}
