/** What the server of the tests tells of the past: versions, overviews, uses and its access log. */
import type { Request } from '../../src/lib/api/http.ts'
import { type AuditRow, nextAuditHead, NO_ROWS } from '../../src/lib/crypto/audit.ts'
import { b64, concat, makeId, randomBytes, utf8 } from '../../src/lib/crypto/bytes.ts'
import { sha256 } from '../../src/lib/crypto/hashes.ts'
import type { AuditPin } from '../../src/lib/crypto/memories.ts'
import { type Any, Refusal } from './refusal.ts'

type Version = { secret_id: string; version: string } & Any

const ADDRESS = '192.0.2.7'
const NEVER = '2030-01-01T00:00:00Z'

/** The access log of one vault. */
export class Accesses {
  readonly #vaultId: string
  readonly rows: AuditRow[] = []
  head: AuditPin = NO_ROWS

  constructor(vaultId: string) {
    this.#vaultId = vaultId
  }

  async note(action: string, userId: string, ...objectIds: string[]): Promise<void> {
    const salt = randomBytes(16)
    const row = {
      seq: this.head.seq + 1n,
      atMs: BigInt(Date.now()),
      action,
      userId,
      sessionId: makeId(),
      origin: await sha256(concat(salt, utf8(ADDRESS))),
      objectIds,
      address: ADDRESS,
      salt
    }
    this.head = await nextAuditHead(this.#vaultId, this.head, row)
    this.rows.push(row)
  }

  copy(): Accesses {
    const copy = new Accesses(this.#vaultId)
    copy.rows.push(...this.rows)
    copy.head = this.head
    return copy
  }

  /** What comes with each list. */
  get shown(): Any {
    return { seq: String(this.head.seq), hash: b64(this.head.hash) }
  }

  page(after: bigint): Any {
    const items = this.rows.slice(Number(after)).map((row) => ({
      seq: String(row.seq),
      at_ms: String(row.atMs),
      action: row.action,
      user_id: row.userId,
      session_id: row.sessionId,
      origin: b64(row.origin),
      object_ids: row.objectIds,
      address: row.address,
      salt: row.salt === null ? null : b64(row.salt)
    }))
    return { items, next: null, head: this.shown }
  }
}

/** The versions of one secret. */
export function versionsOf(versions: readonly Version[], id: string): Any {
  const items = versions.filter((one) => one.secret_id === id)
  return {
    items: items.map(({ version, overview, deleted }) => ({
      version,
      purged: overview === undefined && deleted !== true
    })),
    next: null
  }
}

/** What lists showed of the versions that are asked for. */
export function overviewsOf(versions: readonly Version[], { body }: Request): Any {
  const { items } = JSON.parse(body ?? '') as { items: Version[] }
  return {
    items: items.map(({ secret_id, version }) => {
      const found = versions.find((one) => one.secret_id === secret_id && one.version === version)
      if (found === undefined) throw new Refusal(404, 'not-found')
      return { secret_id, version, epoch: found['epoch'], overview: found['overview'] ?? null }
    })
  }
}

/** Takes the content of a deleted secret away. */
export function purge(versions: Version[], id: string): null {
  const own = versions.filter((one) => one.secret_id === id)
  if (own.at(-1)?.['deleted'] !== true) throw new Refusal(409, 'secret-live')
  for (const one of own) {
    delete one['overview']
    delete one['details']
  }
  return null
}

/** When each secret was last used: always at the same moment. */
export function usesOf(versions: readonly Version[], user_id: unknown): Any {
  const ids = new Set(versions.map(({ secret_id }) => secret_id))
  return { items: [...ids].map((secret_id) => ({ secret_id, used_at: NEVER, user_id })) }
}
