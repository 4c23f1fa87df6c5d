/** The hash of a state: what each commit signs besides what it does. */
import { type Bytes, concat, concatAll, idBytes, u64, utf8 } from './bytes.ts'
import { sha256 } from './hashes.ts'
import { roleByte } from './ops.ts'
import type { Parts } from './roster.ts'

/** Before a history there is nothing that its first commit could follow. */
export const NO_HASH: Bytes = new Uint8Array(32)

/** The state's hash, of its parts and the 256 hashes of its buckets. */
export async function hashState(parts: Parts, bucketHashes: Bytes): Promise<Bytes> {
  const roster = sorted(parts.roster).map(([id, { role, idcertHash }]) =>
    concat(idBytes(id), Uint8Array.of(roleByte(role)), idcertHash)
  )
  const invites = sorted(parts.invites).map(([id, { pk, role, expiresMs }]) =>
    concat(idBytes(id), pk, Uint8Array.of(roleByte(role)), u64(expiresMs))
  )
  const epochs = [...parts.epochs].map(([epoch, commitment]) => concat(u64(epoch), commitment))
  const { profile } = parts
  return sha256(
    utf8('keyarc/ka1/state\0'),
    await sha256(concatAll(roster)),
    await sha256(concatAll(invites)),
    await sha256(concatAll(epochs)),
    profile === null
      ? NO_HASH
      : await sha256(u64(profile.epoch), u64(profile.seq), profile.blobHash),
    bucketHashes
  )
}

/** By id: canonical lower-case ids sort as their bytes do. */
function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}
