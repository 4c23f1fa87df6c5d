/** A server of several people: accounts of their own, and vaults that they share. */
import type { Request, Transport } from '../../src/lib/api/http.ts'
import { Buckets, type SecretEntry } from '../../src/lib/crypto/buckets.ts'
import { b64, unb64 } from '../../src/lib/crypto/bytes.ts'
import { holderOf } from '../../src/lib/crypto/identity.ts'
import { parseCommit } from '../../src/lib/crypto/commits.ts'
import type { Op, Role } from '../../src/lib/crypto/ops.ts'
import { Accesses, overviewsOf } from './past.ts'
import { type Any, Refusal } from './refusal.ts'
import { Server, type Tamper } from './server.ts'
import { append, headOf, listing, one, page, type Vault } from './store.ts'
import { Browser, PASSWORD } from './world.ts'

const AT = '2030-01-01T00:00:00Z'

type Invited = { vault: Vault; blob: unknown }

/** The vaults of everybody; `tamper` changes what somebody is answered. */
export class Town {
  readonly requests: Request[] = []
  tamper: Tamper = (_, answer) => answer
  readonly shares: Any[] = []
  /** Happens once, before the next change of a roster. */
  meanwhile: () => Promise<unknown> = () => Promise.resolve()
  readonly #people = new Map<string, { email: string; idcert: string }>()
  readonly #vaults = new Map<string, Vault>()
  readonly #invited = new Map<string, Invited>()

  /** Somebody with an account, at a browser of their own. */
  async settle(email: string): Promise<Browser> {
    const server = new Server()
    const browser = new Browser(server)
    await browser.core.entrance.prepareSignUp({ email, password: PASSWORD })
    await browser.core.entrance.confirmSignUp()
    const status = await browser.core.entrance.status()
    const sent = server.requests.find(({ path }) => path === '/auth/accounts')?.body ?? '{}'
    const { idcert } = JSON.parse(sent) as { idcert: string }
    const id = status.state === 'open' ? status.userId : ''
    this.#people.set(id, { email, idcert })
    const own = server.transport
    Object.assign(server, { transport: this.#transport(id, own) })
    browser.lock()
    await browser.core.entrance.unlock({ password: PASSWORD })
    return browser
  }

  #transport(actor: string, own: Transport): Transport {
    return async (request) => {
      this.requests.push(request)
      const shared = /^\/api\/(keys|account\/(vaults|shares|invitations|people|machine))/
      if (!shared.test(request.path)) return own(request)
      try {
        return reply(200, this.tamper(request, await this.#answer(actor, request)))
      } catch (ex) {
        if (!(ex instanceof Refusal)) throw ex
        return reply(ex.status, { type: `/problems/${ex.message}`, status: ex.status, ...ex.more })
      }
    }
  }

  async #answer(actor: string, request: Request): Promise<unknown> {
    const { method, path, body } = request
    const json = (body === null ? {} : JSON.parse(body)) as Any
    const [url = '', query = ''] = path.split('?')
    const [, , area, noun, id = '', what, ...rest] = url.split('/')
    const after = BigInt(/=([0-9]+)$/.exec(query)?.[1] ?? '0')
    if (noun === 'shares') return list(this.shares.filter((s) => s['recipient_id'] === actor))
    if (noun === 'machine-tokens') return this.#machine(json)
    if (noun === 'people') return this.#find(decodeURIComponent(query.slice('email='.length)))
    if (noun === 'invitations') return this.#invitation(id, method, what, json, after)
    if (id === '') return method === 'GET' ? this.#list(actor) : this.#create(json)
    const vault = this.#vaults.get(id)
    if (vault === undefined) throw new Refusal(404, 'not-found')
    if (what === 'removal') return this.#removal(vault, actor, after)
    if (!rosterOf(vault).has(actor)) throw new Refusal(404, 'not-found')
    if (what === 'members') return this.#members(vault)
    if (what === 'commits' && method === 'GET') return page(vault, after)
    if (what === 'commits') return area === 'keys' ? append(vault, json) : this.#write(vault, json)
    if (what === 'audit') return vault.accesses.page(after)
    if (what === 'versions') return overviewsOf(vault.versions, request)
    return rest.length === 0 ? listing(vault, after) : one(vault, rest)
  }

  async #create(json: Any): Promise<unknown> {
    const id = String(json['vault_id'])
    const vault: Vault = {
      id,
      profile: {},
      commits: [],
      versions: [],
      accesses: new Accesses(id)
    }
    const answer = await append(vault, { ...json, blobs: [] })
    this.#vaults.set(id, vault)
    return { vault_id: id, ...answer }
  }

  async #write(vault: Vault, json: Any): Promise<unknown> {
    const { meanwhile } = this
    this.meanwhile = () => Promise.resolve()
    await meanwhile()
    const answer = await append(vault, { ...json, blobs: [] })
    const { commit } = await stored(json)
    for (const share of json['shares'] as Any[]) {
      this.shares.push({ ...share, vault_id: vault.id, sender_id: commit.authorId, created_at: AT })
    }
    for (const { invite_id, blob } of json['invitations'] as {
      invite_id: string
      blob: string
    }[]) {
      this.#invited.set(invite_id, { vault, blob })
    }
    return answer
  }

  async #machine(json: Any): Promise<unknown> {
    for (const sent of json['commits'] as Any[]) {
      const vault = this.#vaults.get(String(sent['vault_id']))
      if (vault !== undefined) await append(vault, { ...sent, blobs: [] })
    }
    return { machine_id: json['machine_id'] }
  }

  async #invitation(
    id: string,
    method: string,
    what: string | undefined,
    json: Any,
    after: bigint
  ): Promise<unknown> {
    const invited = this.#invited.get(id)
    const open = invited !== undefined && invitesOf(invited.vault).has(id)
    if (!open) throw new Refusal(404, 'not-found')
    const { vault, blob } = invited
    if (what === 'commits') return page(vault, after)
    if (method === 'POST') return append(vault, { ...json, blobs: [] })
    const more = { head: headOf(vault), profile: vault.profile, idcerts: certsOf(vault) }
    return { vault_id: vault.id, blob, expires_at: AT, buckets: await bucketsOf(vault), ...more }
  }

  #removal(vault: Vault, actor: string, after: bigint): unknown {
    const last = vault.commits.findLastIndex(({ commit }) =>
      commit.ops.some((op) => op.op === 'remove' && op.userId === actor)
    )
    if (last < 0 || rosterOf(vault).has(actor)) throw new Refusal(404, 'not-found')
    return page({ ...vault, commits: vault.commits.slice(0, last + 1) }, after)
  }

  #find(email: string): unknown {
    const found = [...this.#people].find(([, person]) => person.email === email)
    if (found === undefined) throw new Refusal(404, 'not-found')
    return { user_id: found[0], idcert: found[1].idcert }
  }

  #members(vault: Vault): unknown {
    return list(
      [...rosterOf(vault)].map(([user_id, role]) => {
        const email = this.#people.get(user_id)?.email ?? null
        return { user_id, role, email, machine: false, joined_at: AT }
      })
    )
  }

  #list(actor: string): unknown {
    const own = [...this.#vaults.values()].filter((vault) => rosterOf(vault).has(actor))
    return list(
      own.map((vault) => ({
        vault_id: vault.id,
        role: rosterOf(vault).get(actor),
        joined_at: AT,
        head: headOf(vault),
        profile: vault.profile,
        secrets: listing(vault, 0n).secrets.length,
        members: certsOf(vault).map((idcert) => ({
          user_id: holderOf(unb64(idcert)),
          role: 'member',
          idcert
        }))
      }))
    )
  }
}

const list = (items: unknown[]): Any => ({ items, next: null })

async function stored(json: Any): Promise<{ commit: Awaited<ReturnType<typeof parseCommit>> }> {
  return { commit: await parseCommit(unb64(json['commit']), unb64(json['signature'])) }
}

const opsOf = ({ commits }: Vault): Op[] => commits.flatMap(({ commit }) => [...commit.ops])

function certsOf(vault: Vault): string[] {
  return opsOf(vault).flatMap((op) => ('idcert' in op ? [b64(op.idcert)] : []))
}

function invitesOf(vault: Vault): Map<string, Role> {
  const open = new Map<string, Role>()
  for (const op of opsOf(vault)) {
    if (op.op === 'invite') open.set(op.inviteId, op.role)
    if (op.op === 'uninvite' || op.op === 'join') open.delete(op.inviteId)
    if (op.op === 'rotate') open.clear()
  }
  return open
}

function rosterOf(vault: Vault): Map<string, string> {
  const roster = new Map<string, string>()
  for (const op of opsOf(vault)) {
    if (op.op === 'genesis') roster.set(holderOf(op.idcert), 'owner')
    if (op.op === 'add') roster.set(holderOf(op.idcert), op.role)
    if (op.op === 'join') roster.set(holderOf(op.idcert), 'member')
    if (op.op === 'role') roster.set(op.userId, op.role)
    if (op.op === 'remove') roster.delete(op.userId)
  }
  return roster
}

async function bucketsOf(vault: Vault): Promise<string> {
  const entries = new Map<string, SecretEntry>()
  for (const op of opsOf(vault)) {
    if (op.op === 'put') entries.set(op.secretId, op)
    if (op.op === 'delete') entries.delete(op.secretId)
  }
  return b64(await new Buckets().preview(entries))
}

function reply(status: number, json: unknown): Awaited<ReturnType<Transport>> {
  return { status, retryAfter: null, text: JSON.stringify(json) }
}
