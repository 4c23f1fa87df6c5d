/** Rows of a vault's access log: the server writes them, and each holds the hash of the last. */
import { type Bytes, concatAll, equal, idBytes, lp, u32, u64, utf8 } from './bytes.ts'
import { AuditBroken } from './errors.ts'
import { sha256 } from './hashes.ts'
import type { AuditPin } from './memories.ts'

const NOBODY: Bytes = new Uint8Array(16)

/** Before the first row. */
export const NO_ROWS: AuditPin = { seq: 0n, hash: new Uint8Array(32) }

/** One row; address and salt are told to keepers and to whoever did it. */
export type AuditRow = {
  seq: bigint
  atMs: bigint
  action: string
  userId: string | null
  sessionId: string | null
  /** The hash of salt and address. */
  origin: Bytes
  objectIds: string[]
  address: string | null
  salt: Bytes | null
}

/** The hash of a row that follows one of the hash `before`. */
export function hashAuditRow(vaultId: string, before: Bytes, row: AuditRow): Promise<Bytes> {
  return sha256(
    utf8('keyarc/ka1/audit\0'),
    idBytes(vaultId),
    u64(row.seq),
    before,
    u64(row.atMs),
    lp(utf8(row.action)),
    row.userId === null ? NOBODY : idBytes(row.userId),
    row.sessionId === null ? NOBODY : idBytes(row.sessionId),
    row.origin,
    u32(row.objectIds.length),
    concatAll(row.objectIds.map(idBytes))
  )
}

/** The head after one more row, which must be the next one and say where it truly came from. */
export async function nextAuditHead(
  vaultId: string,
  head: AuditPin,
  row: AuditRow
): Promise<AuditPin> {
  const { seq, address, salt, origin } = row
  if (seq !== head.seq + 1n) throw new AuditBroken('not the next row')
  if ((address === null) !== (salt === null)) throw new AuditBroken('half an origin')
  if (address !== null && salt !== null) {
    if (!equal(await sha256(salt, utf8(address)), origin)) throw new AuditBroken('another origin')
  }
  return { seq, hash: await hashAuditRow(vaultId, head.hash, row) }
}
