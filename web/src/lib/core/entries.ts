/** What the history says of secrets, and what the server gives for it. */
import type { ListedSecret, SealedSecret } from '../api/answers.ts'
import type { SecretEntry } from '../crypto/buckets.ts'
import { equal } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { Altered } from '../crypto/errors.ts'
import { sha256 } from '../crypto/hashes.ts'

/** Refuses a sealed secret that is not the version which the history names. */
export async function checkSealed(
  sealed: SealedSecret,
  secretId: string,
  entry: SecretEntry
): Promise<void> {
  const same =
    sealed.secretId === secretId &&
    sealed.version === entry.version &&
    sealed.epoch === entry.epoch &&
    equal(await sha256(sealed.overview), entry.overviewHash) &&
    equal(await sha256(sealed.details), entry.detailsHash)
  if (!same) throw new Altered('another secret')
}

/** The secret that an op is about. */
export function secretOf(op: Commit['ops'][number]): string[] {
  return 'secretId' in op ? [op.secretId] : []
}

/** What a list says of one secret, in the form of a state. */
export async function entryOf(secret: ListedSecret): Promise<SecretEntry> {
  const { version, epoch, overview, detailsHash } = secret
  return { version, epoch, overviewHash: await sha256(overview), detailsHash }
}

/** What a list says of each secret, in the form of a state. */
export async function entriesOf(secrets: ListedSecret[]): Promise<Map<string, SecretEntry>> {
  const entries = await Promise.all(
    secrets.map(async (secret) => [secret.secretId, await entryOf(secret)] as const)
  )
  const map = new Map(entries)
  if (map.size !== entries.length) throw new Altered('a secret twice')
  return map
}
