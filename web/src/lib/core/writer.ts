/** Writing to a vault: signed commits, rebased when another one came first. */
import { checkStored } from '../api/answers.ts'
import { Offline, Problem } from '../api/http.ts'
import type { SecretEntry } from '../crypto/buckets.ts'
import { b64, type Bytes, equal, makeId } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { sha256 } from '../crypto/hashes.ts'
import { type Json, strictJson } from '../crypto/json.ts'
import type { Op } from '../crypto/ops.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import { tellDays } from './days.ts'
import { CoreError } from './errors.ts'
import { reminderDay } from './expiry.ts'
import { readDetails, readOverview, writeJson } from './items.ts'
import { signNext } from './signing.ts'
import type { Details, Overview, Written } from './types.ts'

const TRIES = 12
/** Milliseconds by which each further try may wait longer. */
const STEP = 15

type Blob = { secret_id: string; overview: string; details: string }
type Content = { overview: Bytes; details: Bytes }
type Change = { ops: Op[]; blobs: Blob[] }

/** Writes secrets of one vault. */
export class Writer {
  readonly #context: Context
  readonly #contents: Contents
  /** The details that were opened last: whoever edits has just looked at them. */
  #last: { secretId: string; version: bigint; json: Json } | null = null

  constructor(context: Context, contents: Contents) {
    this.#context = context
    this.#contents = contents
  }

  /**
   * Writes a new secret, or a new version of the one that is shown.
   * @param seen the version that was edited, where that may be older than what is known by now
   */
  async save(
    secretId: string | null,
    overview: Overview,
    details: Details,
    seen?: string
  ): Promise<Written> {
    const id = secretId ?? makeId()
    const known = secretId === null ? null : this.#contents.shown.get(secretId)
    if (known === undefined) throw new CoreError('refused', 'no such secret')
    const content = {
      overview: writeJson(overview, known?.json),
      details: writeJson(details, known === null ? null : await this.#lastDetails(id))
    }
    return this.#put(id, content, seen ?? known?.row.version ?? null)
  }

  /** Removes secrets in one commit. */
  async remove(secretIds: string[]): Promise<void> {
    const entries = new Map(
      secretIds.map((id) => [id, this.#contents.history.state.secret(id)] as const)
    )
    await this.#commit(() => {
      const ops = secretIds.map((secretId): Op => {
        const { state } = this.#contents.history
        if (state.secret(secretId) === undefined) throw new CoreError('refused', 'no such secret')
        return { op: 'delete', secretId, version: state.nextVersion(secretId) }
      })
      return Promise.resolve({ ops, blobs: [] })
    })
    for (const [id, entry] of entries) {
      this.#contents.shown.delete(id)
      if (entry !== undefined) this.#contents.removed.set(id, entry)
    }
  }

  /** Puts the last content of a removed secret under a new version. */
  async restore(secretId: string): Promise<Written> {
    if (this.#contents.history.state.secret(secretId) !== undefined) {
      throw new CoreError('refused', 'not removed')
    }
    const entry = this.#contents.removed.get(secretId) ?? (await this.#lastOf(secretId))
    return this.putBack(secretId, entry, null)
  }

  /**
   * Puts the content of a version that the history names under a new one.
   * @param seen the live version that was looked at, or null of a removed secret
   */
  async putBack(secretId: string, entry: SecretEntry, seen: string | null): Promise<Written> {
    const { box } = this.#contents
    const sealed = await this.#contents.fetchVersion(secretId, entry)
    const overview = await box.open(ObjectType.SECRET_OVERVIEW, sealed, sealed.overview)
    const details = await box.open(ObjectType.SECRET_DETAILS, sealed, sealed.details)
    const content = { overview: writeJson({}, overview), details: writeJson({}, details) }
    return this.#put(secretId, content, seen)
  }

  /** The values of a secret as they were decrypted. */
  async details(secretId: string): Promise<Json> {
    const sealed = await this.#contents.fetch(secretId)
    const json = await this.#contents.box.open(ObjectType.SECRET_DETAILS, sealed, sealed.details)
    this.#last = { secretId, version: sealed.version, json }
    return json
  }

  #lastDetails(secretId: string): Json | Promise<Json> {
    const live = this.#contents.history.state.secret(secretId)?.version
    const last = this.#last
    return last?.secretId === secretId && last.version === live ? last.json : this.details(secretId)
  }

  async #lastOf(secretId: string): Promise<SecretEntry> {
    const past = await this.#contents.archive.versionsOf(secretId)
    const entry = past.findLast((one) => one.entry !== null)?.entry ?? null
    if (entry === null) throw new CoreError('refused', 'no such secret')
    return entry
  }

  /** @param seen the version that was looked at: a newer one is not overwritten */
  async #put(secretId: string, content: Content, seen: string | null): Promise<Written> {
    const json = strictJson(content.overview)
    const overview = readOverview(json)
    readDetails(strictJson(content.details))
    const known = this.#contents.shown.get(secretId)
    const before = known === undefined ? null : reminderDay(known.row.overview)
    const commit = await this.#commit(async () => {
      const { state } = this.#contents.history
      const live = state.secret(secretId)?.version
      if ((live === undefined ? null : String(live)) !== seen) {
        throw new CoreError('stale', 'the secret was changed elsewhere')
      }
      const place = { secretId, version: state.nextVersion(secretId), epoch: state.epoch }
      return this.#seal(place, content)
    })
    const [op] = commit.ops
    if (op?.op !== 'put') throw new Error('not a put')
    const row = { id: secretId, version: String(op.version), overview }
    this.#contents.shown.set(secretId, { row, json })
    this.#contents.removed.delete(secretId)
    return { ...row, told: await this.#tell(secretId, before, reminderDay(overview)) }
  }

  /** Tells the server the day of a reminder where it becomes another; the change stays made. */
  async #tell(secretId: string, before: string | null, day: string | null): Promise<boolean> {
    if (day === before) return true
    const { vaultId } = this.#contents.history
    return tellDays(this.#context.http, vaultId, new Map([[secretId, day]])).then(
      () => true,
      () => false
    )
  }

  async #seal(
    place: { secretId: string; version: bigint; epoch: bigint },
    content: Content
  ): Promise<Change> {
    const { box } = this.#contents
    const overview = await box.seal(ObjectType.SECRET_OVERVIEW, place, content.overview)
    const details = await box.seal(ObjectType.SECRET_DETAILS, place, content.details)
    const hashes = { overviewHash: await sha256(overview), detailsHash: await sha256(details) }
    const blob = { secret_id: place.secretId, overview: b64(overview), details: b64(details) }
    return { ops: [{ op: 'put', ...place, ...hashes }], blobs: [blob] }
  }

  /** Signs and sends; after an honest race it follows what came first and tries again. */
  async #commit(make: () => Promise<Change>): Promise<Commit> {
    for (let tried = 0; tried < TRIES; tried++) {
      await pause(Math.random() * tried * STEP)
      const { ops, blobs } = await make()
      const { commit } = await signNext(this.#context.keys, this.#contents.history.state, ops)
      if (await this.#send(commit, blobs)) {
        await this.#contents.history.take(commit)
        return commit
      }
      const followed = await this.#contents.refresh()
      // the answer to an earlier attempt was lost, the commit was not
      if (followed.some(({ hash }) => equal(hash, commit.hash))) return commit
    }
    throw new CoreError('stale', 'others keep writing')
  }

  /** Whether it was stored; false when another commit came first. */
  async #send(commit: Commit, blobs: Blob[], again = true): Promise<boolean> {
    const path = `/api/keys/vaults/${commit.vaultId}/commits`
    const body = { commit: b64(commit.raw), signature: b64(commit.signature), blobs }
    try {
      const answer = await this.#context.http.post(path, body)
      checkStored(answer, commit.seq, b64(commit.hash))
      return true
    } catch (ex) {
      // the same commit twice is stored once, so a lost answer may be asked for again
      if (ex instanceof Offline && again) return this.#send(commit, blobs, false)
      if (ex instanceof Problem && ex.slug === 'stale-head') return false
      throw ex
    }
  }
}

/** Waits, so that those who race do not meet again at once. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
