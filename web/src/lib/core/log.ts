/** The log of a vault: what its members signed, and what the server noted of accesses. */
import type { AuditRow } from '../crypto/audit.ts'
import { b64, equal } from '../crypto/bytes.ts'
import { Fork } from '../crypto/errors.ts'
import type { Contents } from './contents.ts'
import { History } from './history.ts'
import type { Holder } from './holder.ts'
import { type Name, namesOf } from './names.ts'
import { openOverviews } from './old-overviews.ts'
import type { OpenVault } from './open-vault.ts'
import { type Change, tell } from './told.ts'
import type { Head, Told } from './types.ts'

/** An access as the server noted it; the address is told to keepers and to whoever did it. */
export type Access = {
  seq: string
  atMs: number
  action: string
  userId: string | null
  /** The first of what it was about: secrets, people. */
  objectIds: string[]
  count: number
  address: string | null
}

/** Everything that happened, the oldest first, with names for all who and what it is about. */
export type VaultLog = {
  changes: Change[]
  accesses: Access[]
  people: Record<string, Name>
  /** Names of secrets; null where it is gone, or not for one's own keys. */
  secrets: Record<string, string | null>
}

/** What was checked, all of it anew. */
export type Verified = {
  head: Head
  /** Of the head, in base64url: to compare with what another member sees. */
  hash: string
  changes: number
  authors: number
  members: number
  secrets: number
  epochs: number
  accesses: number
}

const NAMED = 5

/** What happened in a vault. */
export class Log {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** The signed changes and the accesses. */
  read(vaultId: string, told?: Told): Promise<VaultLog> {
    return this.#look(vaultId, async ({ contents }) => {
      const changes = tell(await contents.archive.commits(told))
      const accesses = (await contents.accesses.all()).map(accessOf)
      const secrets = await this.#secretNames(contents)
      const people = await namesOf(this.#holder.context, vaultId, peopleOf(changes, accesses))
      return { changes, accesses, people, secrets }
    })
  }

  /** Recomputes the whole vault from its genesis: every signature, every right, every state. */
  verify(vaultId: string, told: Told): Promise<Verified> {
    return this.#look(vaultId, async ({ contents }) => {
      const commits = await contents.archive.commits()
      const replayed = new History(this.#holder.context.http, vaultId, null)
      for (const [index, commit] of commits.entries()) {
        await replayed.take(commit)
        if (index % 50 === 0) told(index, commits.length)
      }
      const { state } = contents.history
      const same = equal(replayed.state.head.hash, state.head.hash)
      if (!same || replayed.state.size !== state.size) throw new Fork('another history')
      const accesses = await contents.accesses.all()
      const { roster, epochs } = state.parts
      return {
        head: contents.history.head,
        hash: b64(state.head.hash),
        changes: commits.length,
        authors: new Set(commits.map(({ authorId }) => authorId)).size,
        members: roster.size,
        secrets: state.size,
        epochs: epochs.size,
        accesses: accesses.length
      }
    })
  }

  /** What people are called. */
  names(vaultId: string, ids: string[]): Promise<Record<string, Name>> {
    return namesOf(this.#holder.context, vaultId, ids)
  }

  #look<T>(vaultId: string, work: (opened: OpenVault) => Promise<T>): Promise<T> {
    return this.#holder.vaults.write(vaultId, async (opened) => {
      await opened.contents.refresh()
      return work(opened)
    })
  }

  async #secretNames(contents: Contents): Promise<Record<string, string | null>> {
    const names: Record<string, string | null> = {}
    for (const [id, { row }] of contents.shown) names[id] = row.overview.name
    const gone = [...(await contents.archive.versions())].flatMap(([id, versions]) => {
      const put = versions.findLast(({ entry }) => entry !== null)
      return put === undefined || id in names ? [] : [[id, put] as const]
    })
    const found = await openOverviews(this.#holder.context, contents, gone)
    gone.forEach(([id], index) => (names[id] = found[index]?.overview?.name ?? null))
    return names
  }
}

function accessOf({ seq, atMs, action, userId, objectIds, address }: AuditRow): Access {
  const count = objectIds.length
  const first = objectIds.slice(0, NAMED)
  return { seq: String(seq), atMs: Number(atMs), action, userId, objectIds: first, count, address }
}

function peopleOf(changes: readonly Change[], accesses: readonly Access[]): Set<string> {
  const ids = new Set(changes.map(({ author }) => author))
  for (const { deeds } of changes) {
    for (const deed of deeds) if ('userId' in deed) ids.add(deed.userId)
  }
  for (const { userId } of accesses) if (userId !== null) ids.add(userId)
  return ids
}
