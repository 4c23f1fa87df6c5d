/** The contents of one vault in memory: a verified state, and the overviews that belong to it. */
import {
  type ListedSecret,
  type Listing,
  readListing,
  readSealedSecret,
  type SealedSecret
} from '../api/answers.ts'
import type { SecretEntry } from '../crypto/buckets.ts'
import { type Bytes, equal } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { Altered, Rollback } from '../crypto/errors.ts'
import type { Json } from '../crypto/json.ts'
import type { AuditPin } from '../crypto/memories.ts'
import type { VaultBox } from './box.ts'
import { AccessLog } from './access-log.ts'
import { Archive } from './archive.ts'
import { type Context, timed } from './context.ts'
import type { History } from './history.ts'
import { checkSealed, entriesOf, entryOf, secretOf } from './entries.ts'
import { readOverview } from './items.ts'
import { settle } from './noticed.ts'
import type { Progress, Row } from './types.ts'

/** So many rows at once: small enough for the page to take without a stutter. */
const BATCH = 500

/** An overview as it was decrypted, with whatever a newer client added. */
export type Shown = { row: Row; json: Json }

type Claimed = Parameters<History['follow']>[0]

/** Commits whose secrets were not looked at yet, since when, and what was live before them. */
type Unshown = {
  since: bigint
  before: ReadonlyMap<string, SecretEntry | undefined>
  commits: Commit[]
}

/** Loads, verifies and holds the secrets of one vault. */
export class Contents {
  readonly history: History
  readonly accesses: AccessLog
  readonly archive: Archive
  readonly box: VaultBox
  readonly shown = new Map<string, Shown>()
  /** What was removed while this was open: the way back. */
  readonly removed = new Map<string, SecretEntry>()
  /** The plaintext of the profile that the vault has now, once the list of vaults has told it. */
  profile: Bytes | null = null
  readonly #context: Context
  /** False as well after a refresh that failed halfway: then everything is loaded anew. */
  #loaded = false
  /** What was followed, and is not shown yet. */
  #unshown: Unshown | null = null
  /** The last list of changes that was followed to its end, by its name. */
  #seen: { since: bigint; etag: string | null } = { since: 0n, etag: null }

  constructor(context: Context, history: History, box: VaultBox) {
    this.#context = context
    this.history = history
    const { audit } = context.keeper.keyring.anchor(history.vaultId)
    this.archive = new Archive(context.http, history)
    this.accesses = new AccessLog(context.http, history.vaultId, audit)
    this.box = box
  }

  /** Loads or refreshes everything, and hands out all rows in batches. */
  async open(onRows: (rows: Row[], progress: Progress) => void): Promise<void> {
    if (this.#loaded) {
      await this.refresh()
      const rows = [...this.shown.values()].map(({ row }) => row)
      for (let done = 0; done < rows.length; done += BATCH) {
        const batch = rows.slice(done, done + BATCH)
        onRows(batch, { done: done + batch.length, total: rows.length })
      }
    } else await this.#load(onRows)
  }

  /** Follows what changed at the server since the last look. */
  async refresh(): Promise<Commit[]> {
    if (!this.#loaded) await this.#load(() => undefined)
    const since = this.#unshown?.since ?? this.history.state.head.seq
    const known = this.#seen.since === since ? this.#seen.etag : null
    const seen = this.#elsewhere()
    const answer = await this.#context.http.getChanged(this.#path(since), known)
    if (answer === null) {
      if (this.#unshown !== null) throw new Altered('commits, but nothing has changed')
      this.history.checkThrough(seen.head)
      this.accesses.checkReached(seen.audit)
      return []
    }
    const listing = readListing(answer.json)
    const { commits, before } = await this.#follow(listing.head)
    this.#loaded = false
    this.history.checkThrough(seen.head)
    await this.accesses.follow(listing.audit, seen.audit)
    await settle(this.#context, this.history)
    await this.#take(listing, commits, before)
    this.#loaded = true
    this.#unshown = null
    this.#seen = { since, etag: answer.etag }
    return commits
  }

  /** Follows the history on, for a list of vaults: the secrets that it changes come later. */
  async follow(head: Claimed): Promise<void> {
    const unshown = await this.#follow(head)
    this.#unshown = this.#loaded && unshown.commits.length > 0 ? unshown : null
  }

  /** Loads everything if it is not there yet, and what was followed without looking at it. */
  async ready(): Promise<void> {
    if (!this.#loaded) await this.#load(() => undefined)
    else if (this.#unshown !== null || this.#isBehind()) await this.refresh()
  }

  /** What other devices of the same person have seen, as far as it is known before a question. */
  #elsewhere(): { head: AuditPin | null; audit: AuditPin | null } {
    const { keyring } = this.#context.keeper
    const { vaultId } = this.history
    return { head: keyring.pin(vaultId)?.head ?? null, audit: keyring.auditPin(vaultId) }
  }

  #isBehind(): boolean {
    const { head } = this.#elsewhere()
    return head !== null && head.seq > this.history.state.head.seq
  }

  async #follow(head: Claimed): Promise<Unshown> {
    const { state } = this.history
    const before = new Map([...this.shown.keys()].map((id) => [id, state.secret(id)]))
    const loaded = this.#loaded
    const known = this.#unshown ?? { since: state.head.seq, before, commits: [] }
    this.#loaded = false
    const commits = await this.history.follow(head)
    this.#loaded = loaded
    return { ...known, commits: [...known.commits, ...commits] }
  }

  /** One version of one secret from the server, exactly as the history names it. */
  async fetch(secretId: string): Promise<SealedSecret> {
    const path = `/api/keys/vaults/${this.history.vaultId}/secrets/${secretId}`
    const sealed = readSealedSecret(await this.#context.http.get(path))
    const known = this.history.state.secret(secretId)?.version ?? 0n
    if (sealed.version > known) await this.refresh()
    const entry = this.history.state.secret(secretId)
    if (entry === undefined || sealed.version < entry.version) throw new Rollback('an older secret')
    await checkSealed(sealed, secretId, entry)
    return sealed
  }

  /** An earlier version of a secret, exactly as the history names it. */
  async fetchVersion(secretId: string, entry: SecretEntry): Promise<SealedSecret> {
    const { vaultId } = this.history
    const path = `/api/keys/vaults/${vaultId}/secrets/${secretId}/versions/${String(entry.version)}`
    const sealed = readSealedSecret(await this.#context.http.get(path))
    await checkSealed(sealed, secretId, entry)
    return sealed
  }

  async #load(onRows: (rows: Row[], progress: Progress) => void): Promise<void> {
    const { note } = this.#context
    const { history } = this
    const seen = this.#elsewhere()
    const listing = await timed(note, 'keyarc:fetch', async () =>
      readListing(await this.#context.http.get(this.#path(0n)))
    )
    await timed(note, 'keyarc:verify', async () => {
      await history.follow(listing.head)
      history.checkThrough(seen.head)
      await this.accesses.follow(listing.audit, seen.audit)
      await settle(this.#context, history)
      await history.state.load(await entriesOf(listing.secrets))
      history.state.noteDeleted(listing.deleted)
    })
    this.shown.clear()
    await timed(note, 'keyarc:open', () => this.#decrypt(listing.secrets, onRows))
    this.#loaded = true
    this.#unshown = null
  }

  #path(since: bigint): string {
    return `/api/keys/vaults/${this.history.vaultId}/secrets?since=${String(since)}`
  }

  /** Takes the rows of a list, which has to hold what the commits touched and nothing else. */
  async #take(
    { secrets }: Listing,
    commits: Commit[],
    before: ReadonlyMap<string, SecretEntry | undefined>
  ): Promise<void> {
    const { state } = this.history
    const touched = new Set(commits.flatMap((commit) => commit.ops.flatMap(secretOf)))
    const listed = new Map(secrets.map((secret) => [secret.secretId, secret]))
    const live = [...touched].filter((id) => state.secret(id) !== undefined)
    if (listed.size !== secrets.length || listed.size !== live.length) {
      throw new Altered('more or less than what changed')
    }
    for (const id of touched) {
      const entry = state.secret(id)
      if (entry === undefined) this.#drop(id, before.get(id))
      else await this.#renew(id, entry, listed.get(id))
    }
  }

  async #decrypt(
    secrets: ListedSecret[],
    onRows: (rows: Row[], progress: Progress) => void
  ): Promise<void> {
    for (let done = 0; done < secrets.length; done += BATCH) {
      const batch = secrets.slice(done, done + BATCH)
      const rows = await Promise.all(batch.map((secret) => this.#show(secret)))
      onRows(rows, { done: done + rows.length, total: secrets.length })
    }
  }

  async #show(secret: ListedSecret): Promise<Row> {
    const json = await this.box.open(ObjectType.SECRET_OVERVIEW, secret, secret.overview)
    const overview = readOverview(json)
    const row = { id: secret.secretId, version: String(secret.version), overview }
    this.shown.set(row.id, { row, json })
    return row
  }

  #drop(id: string, entry: SecretEntry | undefined): void {
    this.shown.delete(id)
    if (entry !== undefined) this.removed.set(id, entry)
  }

  async #renew(id: string, entry: SecretEntry, listed: ListedSecret | undefined): Promise<void> {
    if (listed === undefined) throw new Altered('a secret is missing')
    const { version, epoch, overviewHash, detailsHash } = await entryOf(listed)
    const same =
      version === entry.version &&
      epoch === entry.epoch &&
      equal(overviewHash, entry.overviewHash) &&
      equal(detailsHash, entry.detailsHash)
    if (!same) throw new Altered('another secret')
    await this.#show(listed)
    this.removed.delete(id)
  }
}
