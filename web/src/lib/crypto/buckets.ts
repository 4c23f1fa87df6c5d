/** The live secrets of a vault as its state sees them: 256 buckets, by the id's first byte. */
import { type Bytes, concatAll, idBytes, u64 } from './bytes.ts'
import { sha256 } from './hashes.ts'

const BUCKETS = 256
const HASH = 32

/** What a state holds of one live secret. */
export type SecretEntry = {
  version: bigint
  epoch: bigint
  overviewHash: Bytes
  detailsHash: Bytes
}

/** What becomes of secrets: a new entry, or null for a deletion. */
export type Changes = ReadonlyMap<string, SecretEntry | null>

const bucketOf = (id: string): number => Number.parseInt(id.slice(0, 2), 16)

/** All live secrets, with the hash of each bucket. */
export class Buckets {
  readonly #secrets = Array.from({ length: BUCKETS }, () => new Map<string, SecretEntry>())
  #hashes: Bytes = new Uint8Array(BUCKETS * HASH)

  /** A live secret. */
  get(id: string): SecretEntry | undefined {
    return this.#secrets[bucketOf(id)]?.get(id)
  }

  /** How many are live. */
  get size(): number {
    return this.#secrets.reduce((sum, bucket) => sum + bucket.size, 0)
  }

  /** The 256 hashes, joined. */
  get hashes(): Bytes {
    return this.#hashes
  }

  /** What the hashes would be after these changes; nothing is changed yet. */
  async preview(changes: Changes): Promise<Bytes> {
    const touched = new Map<number, Map<string, SecretEntry>>()
    for (const [id, entry] of changes) {
      const index = bucketOf(id)
      const bucket = touched.get(index) ?? new Map(this.#secrets[index])
      if (entry === null) bucket.delete(id)
      else bucket.set(id, entry)
      touched.set(index, bucket)
    }
    const hashes = this.#hashes.slice()
    await Promise.all(
      [...touched].map(async ([index, bucket]) => {
        hashes.set(await hashBucket(bucket), index * HASH)
      })
    )
    return hashes
  }

  /** Takes over changes, with the hashes that `preview` gave for them. */
  accept(changes: Changes, hashes: Bytes): void {
    for (const [id, entry] of changes) {
      const bucket = this.#secrets[bucketOf(id)]
      if (entry === null) bucket?.delete(id)
      else bucket?.set(id, entry)
    }
    this.#hashes = hashes
  }
}

async function hashBucket(bucket: ReadonlyMap<string, SecretEntry>): Promise<Bytes> {
  if (bucket.size === 0) return new Uint8Array(HASH)
  const parts: Bytes[] = []
  // canonical lower-case ids sort as their bytes do
  for (const id of [...bucket.keys()].sort()) {
    const entry = bucket.get(id)
    if (entry === undefined) continue
    parts.push(
      idBytes(id),
      u64(entry.version),
      u64(entry.epoch),
      entry.overviewHash,
      entry.detailsHash
    )
  }
  return sha256(concatAll(parts))
}
