/** What was: earlier versions of secrets, what was deleted, and a vault as it stood. */
import { readUses, readVersions } from '../api/history.ts'
import type { SecretEntry } from '../crypto/buckets.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { Altered } from '../crypto/errors.ts'
import type { Contents } from './contents.ts'
import { CoreError } from './errors.ts'
import { headOf } from './history.ts'
import type { Holder } from './holder.ts'
import { readDetails, readOverview } from './items.ts'
import { type Name, namesOf } from './names.ts'
import { openOverviews } from './old-overviews.ts'
import type { OpenVault } from './open-vault.ts'
import type { Details, Head, Overview, Told, Written } from './types.ts'

/** One version of a secret, as the signed history has it. */
export type Version = Head & {
  version: string
  deleted: boolean
  /** Its content is gone; the history has kept the hash of it. */
  purged: boolean
  /** Whether one's own keys open it: a newcomer has none of before. */
  readable: boolean
}

/** A secret of before; what it was called is null where that is gone or not for these keys. */
export type OldRow = { id: string; version: string; overview: Overview | null }

/** A secret that was deleted, by whom and when; `version` is the last that had content. */
export type DeletedRow = OldRow & Head & { purged: boolean }

/** A vault as it stood after a change. */
export type VaultThen = { head: Head; rows: OldRow[]; name: Name }

/** When the values of a secret were last read, as the server noted it. */
export type Use = { atMs: number; userId: string; by: Name }

const NOBODY: Name = { text: '', by: 'nobody' }

/** The past of the secrets of a vault. */
export class Versions {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** Every version of a secret, the newest first, and what their authors are called. */
  list(
    vaultId: string,
    secretId: string,
    told?: Told
  ): Promise<{ versions: Version[]; names: Record<string, Name> }> {
    return this.#look(vaultId, async ({ contents }) => {
      await contents.archive.commits(told)
      const past = await contents.archive.versionsOf(secretId)
      if (past.length === 0) throw new CoreError('refused', 'no such secret')
      const purged = await this.#purged(vaultId, secretId)
      const keys = this.#holder.context.keeper.keyring.vaultKeys(vaultId)
      const versions = past.map(({ version, entry, commit }) => ({
        ...headOf(commit),
        version: String(version),
        deleted: entry === null,
        purged: purged.has(version),
        readable: entry !== null && keys.has(entry.epoch)
      }))
      return { versions: versions.reverse(), names: await this.#names(vaultId, versions) }
    })
  }

  /** One version, opened; it is the one that the history names. */
  read(
    vaultId: string,
    secretId: string,
    version: string
  ): Promise<{ overview: Overview; details: Details }> {
    return this.#look(vaultId, async ({ contents }) => {
      const entry = await find(contents, secretId, version)
      const sealed = await contents.fetchVersion(secretId, entry)
      const { box } = contents
      const overview = await box.open(ObjectType.SECRET_OVERVIEW, sealed, sealed.overview)
      const details = await box.open(ObjectType.SECRET_DETAILS, sealed, sealed.details)
      return { overview: readOverview(overview), details: readDetails(details) }
    })
  }

  /**
   * Puts the content of a version under a new one.
   *
   * @param seen the live version that was looked at, or null of a deleted secret
   */
  restore(
    vaultId: string,
    secretId: string,
    version: string,
    seen: string | null
  ): Promise<Written> {
    return this.#look(vaultId, async ({ contents, writer }) =>
      writer.putBack(secretId, await find(contents, secretId, version), seen)
    )
  }

  /** What was deleted, the last first. */
  trash(
    vaultId: string,
    told?: Told
  ): Promise<{ rows: DeletedRow[]; names: Record<string, Name> }> {
    return this.#look(vaultId, async ({ contents }) => {
      await contents.archive.commits(told)
      const gone = [...(await contents.archive.versions())].flatMap(([id, versions]) => {
        const [put, last] = versions.slice(-2)
        return put !== undefined && last?.entry === null ? [{ id, put, last }] : []
      })
      gone.sort((a, b) => (a.last.commit.seq < b.last.commit.seq ? 1 : -1))
      const shown = await openOverviews(
        this.#holder.context,
        contents,
        gone.map(({ id, put }) => [id, put] as const)
      )
      const rows = gone.map(({ id, put, last }, index) => ({
        ...headOf(last.commit),
        ...(shown[index] ?? { overview: null, purged: false }),
        id,
        version: String(put.version)
      }))
      return { rows, names: await this.#names(vaultId, rows) }
    })
  }

  /** Takes the content of a deleted secret away for good, all versions of it. */
  async purge(vaultId: string, secretId: string): Promise<void> {
    const { http } = this.#holder.context
    await http.delete(`/api/keys/vaults/${vaultId}/secrets/${secretId}/versions`)
  }

  /** The vault as it stood after a change. */
  at(vaultId: string, seq: string, told?: Told): Promise<VaultThen> {
    return this.#look(vaultId, async ({ contents }) => {
      const until = BigInt(seq)
      const commit = (await contents.archive.commits(told))[Number(until) - 1]
      if (commit === undefined) throw new CoreError('refused', 'no such change')
      const live = [...(await contents.archive.versions(until))].flatMap(([id, versions]) => {
        const last = versions.at(-1)
        return last === undefined || last.entry === null ? [] : [[id, last] as const]
      })
      const shown = await openOverviews(this.#holder.context, contents, live)
      const rows = live.map(([id, { version }], index) => {
        return { id, version: String(version), overview: shown[index]?.overview ?? null }
      })
      const head = headOf(commit)
      const names = await this.#names(vaultId, [head])
      return { head, rows, name: names[head.author] ?? NOBODY }
    })
  }

  /** When each secret was last used, and by whom. */
  async uses(vaultId: string): Promise<Record<string, Use>> {
    const { context } = this.#holder
    const uses = readUses(await context.http.get(`/api/keys/vaults/${vaultId}/uses`))
    const users = uses.map(({ userId }) => userId)
    const names = await namesOf(context, vaultId, users)
    return Object.fromEntries(
      uses.map(({ secretId, atMs, userId }) => {
        return [secretId, { atMs, userId, by: names[userId] ?? NOBODY }]
      })
    )
  }

  #look<T>(vaultId: string, work: (opened: OpenVault) => Promise<T>): Promise<T> {
    return this.#holder.vaults.write(vaultId, async (opened) => {
      await opened.contents.refresh()
      return work(opened)
    })
  }

  #names(vaultId: string, heads: readonly Head[]): Promise<Record<string, Name>> {
    const authors = heads.map(({ author }) => author)
    return namesOf(this.#holder.context, vaultId, authors)
  }

  async #purged(vaultId: string, secretId: string): Promise<Set<bigint>> {
    const path = `/api/keys/vaults/${vaultId}/secrets/${secretId}/versions`
    const purged = new Set<bigint>()
    for (let after: bigint | null = 0n; after !== null;) {
      const json = await this.#holder.context.http.get(`${path}?after=${String(after)}`)
      const { items, next } = readVersions(json)
      for (const one of items) if (one.purged) purged.add(one.version)
      if (next !== null && next <= after) throw new Altered('an endless list')
      after = next
    }
    return purged
  }
}

async function find(
  { archive }: Contents,
  secretId: string,
  version: string
): Promise<SecretEntry> {
  const past = await archive.versionsOf(secretId)
  const entry = past.find((one) => String(one.version) === version)?.entry ?? null
  if (entry === null) throw new CoreError('refused', 'no such version')
  return entry
}
