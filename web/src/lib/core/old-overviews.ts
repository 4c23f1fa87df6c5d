/** What lists showed of earlier versions: each is the one that the history names. */
import { readOverviews } from '../api/history.ts'
import { type Bytes, equal } from '../crypto/bytes.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { Altered } from '../crypto/errors.ts'
import { sha256 } from '../crypto/hashes.ts'
import type { PastVersion } from './archive.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import { readOverview } from './items.ts'
import type { Overview } from './types.ts'

/** So many are asked for at once. */
const BATCH = 2_000

/** A version of a secret, by its id. */
export type Wanted = readonly [string, PastVersion]

/** An overview; null where it was purged, or is not for one's own keys. */
export type Found = { overview: Overview | null; purged: boolean }

/** Fetches, verifies and opens the overviews of versions, in their order. */
export async function openOverviews(
  context: Context,
  contents: Contents,
  wanted: readonly Wanted[]
): Promise<Found[]> {
  const found: Found[] = []
  for (let at = 0; at < wanted.length; at += BATCH) {
    const batch = wanted.slice(at, at + BATCH)
    const blobs = await fetchOverviews(context, contents.history.vaultId, batch)
    found.push(...(await Promise.all(batch.map((one) => openOne(context, contents, one, blobs)))))
  }
  return found
}

const nameOf = (secretId: string, version: bigint): string => `${secretId} ${String(version)}`

async function fetchOverviews(
  { http }: Context,
  vaultId: string,
  wanted: readonly Wanted[]
): Promise<Map<string, Bytes | null>> {
  const items = wanted.map(([secret_id, { version }]) => ({ secret_id, version: String(version) }))
  const json = await http.post(`/api/keys/vaults/${vaultId}/versions/overviews`, { items })
  return new Map(
    readOverviews(json).map((one) => [nameOf(one.secretId, one.version), one.overview])
  )
}

async function openOne(
  { keeper }: Context,
  { box, history }: Contents,
  [secretId, { version, entry }]: Wanted,
  blobs: ReadonlyMap<string, Bytes | null>
): Promise<Found> {
  const blob = blobs.get(nameOf(secretId, version))
  if (blob === undefined || entry === null) throw new Altered('a version is missing')
  if (blob === null) return { overview: null, purged: true }
  if (!equal(await sha256(blob), entry.overviewHash)) throw new Altered('another version')
  const { epoch } = entry
  if (!keeper.keyring.vaultKeys(history.vaultId).has(epoch)) {
    return { overview: null, purged: false }
  }
  const json = await box.open(ObjectType.SECRET_OVERVIEW, { secretId, version, epoch }, blob)
  return { overview: readOverview(json), purged: false }
}
