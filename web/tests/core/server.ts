/** A server at the edge of the machine: it stores what it is sent, and lies when it is told to. */
import type { Answer, Request, Transport } from '../../src/lib/api/http.ts'
import { unb64 } from '../../src/lib/crypto/bytes.ts'
import { parseCommit } from '../../src/lib/crypto/commits.ts'
import { Accesses, overviewsOf, purge, usesOf, versionsOf } from './past.ts'
import { type Any, Refusal } from './refusal.ts'
import { CHALLENGE, SecondFactors } from './second-factors.ts'
import { append, headOf, listing, nameOf, one, page, type Vault } from './store.ts'

const FACTORS = new Set(['backup-codes', 'passkeys', 'second-factors', 'totp'])
const SESSION = '11111111-1111-4111-8111-111111111111'

/** Changes an answer before it leaves. */
export type Tamper = (request: Request, answer: unknown) => unknown

/** One account's server. */
export class Server {
  readonly requests: Request[] = []
  readonly factors = new SecondFactors()
  tamper: Tamper = (_, answer) => answer
  /** Whether the session is over; a login begins another. */
  over = false
  #account: Any | null = null
  #proven = false
  readonly #superseded: unknown[] = []
  #keyring = { now: { revision: '1', blob: '' as unknown } }
  readonly #vaults = new Map<string, Vault>()

  transport: Transport = async (request) => {
    this.requests.push(request)
    try {
      const answer = await this.#answer(request)
      const etag = nameOf(request, answer)
      if (etag !== null && request.etag === etag) return { ...reply(304, null), text: '' }
      return { ...reply(200, this.tamper(request, answer)), etag }
    } catch (ex) {
      if (!(ex instanceof Refusal)) throw ex
      return reply(ex.status, { type: `/problems/${ex.message}`, status: ex.status, ...ex.more })
    }
  }

  /** What this server shows to others from now on; of the keyring there is one. */
  twin(): Server {
    const twin = new Server()
    twin.#account = this.#account
    for (const [id, vault] of this.#vaults) {
      const { commits, versions, accesses } = vault
      const copied = { commits: [...commits], versions: [...versions], accesses: accesses.copy() }
      twin.#vaults.set(id, { ...vault, ...copied })
    }
    twin.#keyring = this.#keyring
    return twin
  }

  async #answer(request: Request): Promise<unknown> {
    const { method, path, body } = request
    const json = (body === null ? {} : JSON.parse(body)) as Any
    const [url = '', query = ''] = path.split('?')
    const [, area, noun, third, id, what, ...rest] = url.split('/')
    if (area === 'api' && this.over) throw new Refusal(401, 'session-ended')
    if (area === 'auth') return this.#auth(method, noun, json, url)
    if (noun === 'account' && third === 'keyring') {
      return method === 'GET' ? this.#keyring.now : this.#saveKeyring(json)
    }
    if (noun === 'account' && third === 'vaults' && id !== undefined) {
      return this.#people(what)
    }
    if (noun === 'account' && third === 'vaults') {
      return method === 'GET' ? this.#list() : this.#create(json)
    }
    if (FACTORS.has(third ?? '')) {
      return this.factors.own(method, third ?? '', url.split('/').slice(4), json)
    }
    if (noun === 'account') return this.#own(method, third ?? '', json)
    const vault = this.#vaults.get(id ?? '')
    if (vault === undefined) throw new Refusal(404, 'not-found')
    const since = BigInt(/=([0-9]+)$/.exec(query)?.[1] ?? '0')
    if (what === 'commits') return method === 'GET' ? page(vault, since) : append(vault, json)
    if (what === 'audit') return vault.accesses.page(since)
    if (what === 'uses') return usesOf(vault.versions, this.#account?.['user_id'])
    if (what === 'versions') return overviewsOf(vault.versions, request)
    return rest.length === 0 ? listing(vault, since) : this.#secret(method, vault, rest)
  }

  async #secret(method: string, vault: Vault, rest: string[]): Promise<unknown> {
    const [id = '', what, version] = rest
    if (method === 'DELETE') return purge(vault.versions, id)
    if (what === 'versions' && version === undefined) return versionsOf(vault.versions, id)
    const found = one(vault, rest)
    if (id === 'read') return found
    await vault.accesses.note('secret.read', String(this.#account?.['user_id']), id)
    return found
  }

  #people(what: string | undefined): unknown {
    if (what !== 'members') throw new Refusal(404, 'not-found')
    const { user_id, email } = this.#account ?? {}
    const joined_at = '2030-01-01T00:00:00Z'
    return { items: [{ user_id, role: 'owner', email, machine: false, joined_at }], next: null }
  }

  #auth(method: string, noun: string | undefined, json: Any, rest: string): unknown {
    if (noun === 'accounts') {
      if (this.#account !== null) throw new Refusal(409, 'account-exists')
      this.#account = { ...json, keyset: '1', recovery_code_at: '1' }
      this.#keyring.now = { revision: '1', blob: json['keyring'] }
      return { user_id: json['user_id'] }
    }
    if (this.#account === null) throw new Refusal(401, 'session-ended')
    const account = this.#account
    const { user_id, salt } = account
    if (noun === 'prelogin') return { user_id, suite: 1, salt }
    if (method === 'DELETE') return null
    if (rest.endsWith('options')) return { challenge: CHALLENGE, expires_in: 300 }
    if (rest.endsWith('refresh')) throw new Refusal(401, 'session-ended')
    if ('challenge' in json) return this.#session(this.factors.check(json))
    if (json['auth'] !== account['auth']) throw new Refusal(401, 'wrong-credentials')
    if (rest.endsWith('proof')) {
      this.#proven = true
      return null
    }
    return this.factors.needed ?? this.#session(null)
  }

  #session(passkey: Any | null): unknown {
    this.over = false
    const { user_id, salt, user_key, identity, idcert, keyset } = this.#account ?? {}
    const keys = { user_key, identity, idcert, keyring: this.#keyring.now }
    const session = { session_id: SESSION, expires_in: 600, passkey }
    return { user_id, suite: 1, salt, keyset, ...keys, ...session }
  }

  /** The account itself: what it is, and each change of it in one piece. */
  async #own(method: string, noun: string, json: Any): Promise<unknown> {
    if (this.#account === null) throw new Refusal(401, 'session-ended')
    const account = this.#account
    if (noun === 'data') return { profile: { email: account['email'] } }
    if (method === 'GET') {
      return {
        ...account,
        session_id: SESSION,
        second_factor: false,
        reminders: true,
        recovery: null
      }
    }
    if (!this.#proven) throw new Refusal(403, 'proof-needed')
    const keyset = BigInt(String(account['keyset'])) + (noun === 'recovery' ? 0n : 1n)
    if ('keyset' in json && json['keyset'] !== String(keyset))
      throw new Refusal(409, 'stale-keyset')
    if (noun === 'keys') await this.#rotate(json)
    this.#proven = false
    const changed = Object.entries(json).filter(([key]) => key !== 'keyring' && key !== 'commits')
    const now = 'recovery_auth' in json ? { recovery_code_at: String(keyset) + noun } : {}
    this.#account =
      method === 'DELETE' ? null : { ...account, ...Object.fromEntries(changed), ...now }
    return { keyset: json['keyset'], email: json['email'] }
  }

  async #rotate(json: Any): Promise<void> {
    const commits = (json['commits'] as Any[]).map((sent) => {
      const vault = this.#vaults.get(String(sent['vault_id']))
      if (vault === undefined) throw new Refusal(409, 'stale-head')
      return { vault, sent: { ...sent, blobs: [] } as Any }
    })
    for (const { vault, sent } of commits) {
      const { seq } = await parseCommit(unb64(sent['commit']), unb64(sent['signature']))
      if (seq !== BigInt(vault.commits.length + 1)) throw new Refusal(409, 'stale-head')
    }
    if (commits.length < this.#vaults.size) throw new Refusal(409, 'stale-head')
    this.#saveKeyring(json['keyring'] as Any)
    for (const { vault, sent } of commits) await append(vault, sent)
    this.#superseded.push({ ...this.#account, role: null })
  }

  #saveKeyring(json: Any): unknown {
    if (json['replaces'] !== this.#keyring.now.revision) throw new Refusal(409, 'stale-revision')
    const revision = String(BigInt(this.#keyring.now.revision) + 1n)
    this.#keyring.now = { revision, blob: json['blob'] }
    return { revision }
  }

  async #create(json: Any): Promise<unknown> {
    const id = String(json['vault_id'])
    const profile = { epoch: '1', seq: '1', blob: json['profile'] }
    const accesses = new Accesses(id)
    const vault: Vault = { id, profile, commits: [], versions: [], accesses }
    const answer = await append(vault, { ...json, blobs: [] })
    this.#vaults.set(id, vault)
    return { vault_id: id, ...answer }
  }

  #list(): unknown {
    const { user_id, idcert } = this.#account ?? {}
    const members = [{ user_id, role: 'owner', idcert }, ...this.#superseded]
    const items = [...this.#vaults.values()].map((vault) => ({
      vault_id: vault.id,
      role: 'owner',
      joined_at: '2030-01-01T00:00:00Z',
      head: headOf(vault),
      profile: vault.profile,
      secrets: listing(vault, 0n).secrets.length,
      members
    }))
    return { items, next: null }
  }
}

function reply(status: number, json: unknown): Answer {
  return { status, retryAfter: null, text: JSON.stringify(json) }
}
