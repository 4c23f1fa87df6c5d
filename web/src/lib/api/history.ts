/** The server's answers about what was: versions, accesses and uses, read strictly. */
import type { AuditRow } from '../crypto/audit.ts'
import { type Bytes, idBytes, parseU64, unb64 } from '../crypto/bytes.ts'
import { checkBlob, ObjectType } from '../crypto/encoding.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asFlag, asString, having, orNull } from '../crypto/shape.ts'

function readId(value: Json): string {
  const id = asString(value)
  idBytes(id)
  return id
}

function readAuditRow(json: Json): AuditRow {
  const row = having(
    json,
    'seq',
    'at_ms',
    'action',
    'user_id',
    'session_id',
    'origin',
    'object_ids',
    'address',
    'salt'
  )
  return {
    seq: parseU64(row.seq),
    atMs: parseU64(row.at_ms),
    action: asString(row.action),
    userId: orNull(row.user_id, readId),
    sessionId: orNull(row.session_id, readId),
    origin: unb64(row.origin, 32),
    objectIds: asArray(row.object_ids).map(readId),
    address: orNull(row.address, asString),
    salt: orNull(row.salt, (salt) => unb64(salt, 16))
  }
}

/** Reads a page of the access log. */
export function readAuditRows(json: Json): AuditRow[] {
  return asArray(having(json, 'items').items).map(readAuditRow)
}

/** What became of a version since: its content may have been purged. */
export type ListedVersion = { version: bigint; purged: boolean }

/** Reads a page of the versions of a secret; when and by whom is the history's to say. */
export function readVersions(json: Json): { items: ListedVersion[]; next: bigint | null } {
  const { items, next } = having(json, 'items', 'next')
  return {
    items: asArray(items).map((item) => {
      const { version, purged } = having(item, 'version', 'purged')
      return { version: parseU64(version), purged: asFlag(purged) }
    }),
    next: orNull(next, parseU64)
  }
}

/** What a list showed of one version; null of what was purged. */
export type OldOverview = { secretId: string; version: bigint; overview: Bytes | null }

/** Reads overviews of versions. */
export function readOverviews(json: Json): OldOverview[] {
  return asArray(having(json, 'items').items).map((item) => {
    const { secret_id, version, overview } = having(item, 'secret_id', 'version', 'overview')
    return {
      secretId: readId(secret_id),
      version: parseU64(version),
      overview: orNull(overview, (value) => {
        const blob = unb64(value)
        checkBlob(blob, ObjectType.SECRET_OVERVIEW)
        return blob
      })
    }
  })
}

/** When the values of a secret were last read, and by whom; `atMs` may be NaN. */
export type SaidUse = { secretId: string; atMs: number; userId: string }

/** Reads the last uses of the secrets of a vault. */
export function readUses(json: Json): SaidUse[] {
  return asArray(having(json, 'items').items).map((item) => {
    const { secret_id, used_at, user_id } = having(item, 'secret_id', 'used_at', 'user_id')
    return {
      secretId: readId(secret_id),
      atMs: Date.parse(asString(used_at)),
      userId: readId(user_id)
    }
  })
}
