/** The state of a vault: what its history, followed from the beginning or from a pin, adds up to. */
import { Buckets, type Changes, type SecretEntry } from './buckets.ts'
import { type Bytes, equal } from './bytes.ts'
import { type Commit, verifyCommit } from './commits.ts'
import { Altered, Broken, Forbidden, Stale, Unsigned } from './errors.ts'
import type { IdCert } from './identity.ts'
import { type Op, subjectOf } from './ops.ts'
import {
  applyRosterOp,
  checkMayWrite,
  copyParts,
  currentEpoch,
  emptyParts,
  type Member,
  type Parts,
  type Step
} from './roster.ts'
import { hashState, NO_HASH } from './state-hash.ts'

/** What one is about to commit, and what the state would then be. */
export type Preview = { parts: Parts; changes: Changes; hashes: Bytes; state: Bytes }

/** The last commit that a state has followed. */
export type StateHead = { seq: bigint; hash: Bytes; state: Bytes }

/** A vault's state. Only `apply` and `load` change it, wholly or not at all. */
export class State {
  readonly vaultId: string
  #parts: Parts
  #head: StateHead
  /** Null until the list is loaded: then versions and states cannot be checked step by step. */
  #buckets: Buckets | null
  readonly #deleted = new Map<string, bigint>()
  /** What commits did to secrets before the list was loaded. */
  readonly #unseen = new Map<string, SecretEntry | null>()

  private constructor(vaultId: string, parts: Parts, head: StateHead, buckets: Buckets | null) {
    this.vaultId = vaultId
    this.#parts = parts
    this.#head = head
    this.#buckets = buckets
  }

  /** Before genesis. */
  static empty(vaultId: string): State {
    const head = { seq: 0n, hash: NO_HASH, state: NO_HASH }
    return new State(vaultId, emptyParts(), head, new Buckets())
  }

  /** From what was pinned: everything but the secrets, which `load` brings. */
  static pinned(vaultId: string, parts: Parts, head: StateHead): State {
    return new State(vaultId, copyParts(parts), head, null)
  }

  get head(): StateHead {
    return this.#head
  }

  get parts(): Parts {
    return copyParts(this.#parts)
  }

  /** The epoch of new writes. */
  get epoch(): bigint {
    return currentEpoch(this.#parts)
  }

  /** A member, by user id. */
  member(userId: string): Member | undefined {
    return this.#parts.roster.get(userId)
  }

  /** A live secret. */
  secret(id: string): SecretEntry | undefined {
    return this.#loaded().get(id)
  }

  /** How many secrets are live. */
  get size(): number {
    return this.#loaded().size
  }

  /** The version that the next put of a secret carries. */
  nextVersion(id: string): bigint {
    return (this.secret(id)?.version ?? this.#deleted.get(id) ?? 0n) + 1n
  }

  /** Notes deletions that the server reports; they carry no trust, only the next version. */
  noteDeleted(deleted: Iterable<readonly [string, bigint]>): void {
    for (const [id, version] of deleted) {
      if (!this.#deleted.has(id)) this.#deleted.set(id, version)
    }
  }

  /** Takes the list of live secrets, if it is exactly what the head's author signed. */
  async load(secrets: ReadonlyMap<string, SecretEntry>): Promise<void> {
    const buckets = new Buckets()
    const hashes = await buckets.preview(secrets)
    const state = await hashState(this.#parts, hashes)
    if (!equal(state, this.#head.state)) throw new Altered('the list is not that of the head')
    for (const [id, entry] of this.#unseen) {
      if (!sameEntry(secrets.get(id) ?? null, entry)) throw new Altered('list against history')
    }
    buckets.accept(secrets, hashes)
    this.#buckets = buckets
    this.#unseen.clear()
  }

  /** What these operations would make of the state; throws what `apply` would throw. */
  async preview(ops: readonly Op[], author: IdCert, timeMs: bigint): Promise<Preview> {
    const { parts, changes } = await this.#advance(ops, author, timeMs)
    const hashes = await this.#loaded().preview(changes)
    return { parts, changes, hashes, state: await hashState(parts, hashes) }
  }

  /** `preview` without the list, for operations on no secret: its hashes are compared instead. */
  async previewAt(
    hashes: Bytes,
    ops: readonly Op[],
    author: IdCert,
    timeMs: bigint
  ): Promise<Preview> {
    if (!equal(await hashState(this.#parts, hashes), this.#head.state)) {
      throw new Altered('the list is not that of the head')
    }
    const { parts, changes } = await this.#advance(ops, author, timeMs)
    if (changes.size > 0) throw new Error('the list is not loaded')
    return { parts, changes, hashes, state: await hashState(parts, hashes) }
  }

  /**
   * Verifies the next commit and follows it.
   *
   * @param author the certificate that the roster names; for genesis and join the commit's own
   */
  async apply(commit: Commit, author: IdCert): Promise<void> {
    if (commit.vaultId !== this.vaultId) throw new Broken('another vault')
    if (commit.seq !== this.#head.seq + 1n || !equal(commit.prev, this.#head.hash)) {
      throw new Stale('not the next commit')
    }
    await verifyCommit(commit, author)
    const { parts, changes } = await this.#advance(commit.ops, author, commit.timeMs)
    if (this.#buckets === null) {
      for (const [id, entry] of changes) this.#unseen.set(id, entry)
    } else {
      const hashes = await this.#buckets.preview(changes)
      if (!equal(await hashState(parts, hashes), commit.state)) throw new Broken('wrong state')
      this.#noteChanges(commit.ops)
      this.#buckets.accept(changes, hashes)
    }
    this.#parts = parts
    this.#head = { seq: commit.seq, hash: commit.hash, state: commit.state }
  }

  #loaded(): Buckets {
    if (this.#buckets === null) throw new Error('the list is not loaded')
    return this.#buckets
  }

  #noteChanges(ops: readonly Op[]): void {
    for (const op of ops) {
      if (op.op === 'put') this.#deleted.delete(op.secretId)
      if (op.op === 'delete') this.#deleted.set(op.secretId, op.version)
    }
  }

  async #advance(
    ops: readonly Op[],
    author: IdCert,
    timeMs: bigint
  ): Promise<{ parts: Parts; changes: Map<string, SecretEntry | null> }> {
    const parts = copyParts(this.#parts)
    const changes = new Map<string, SecretEntry | null>()
    const step = this.#step(ops, author, timeMs)
    if (new Set(ops.map(subjectOf)).size !== ops.length) throw new Broken('named twice')
    for (const op of ops) {
      if (op.op === 'put' || op.op === 'delete') {
        changes.set(op.secretId, this.#change(op, currentEpoch(parts), step))
      } else await applyRosterOp(parts, op, step)
    }
    return { parts, changes }
  }

  /** Who speaks, and whether genesis and join stand where they may. */
  #step(ops: readonly Op[], author: IdCert, timeMs: bigint): Step {
    const seq = this.#head.seq + 1n
    const member = this.#parts.roster.get(author.userId)
    const first = ops[0]?.op
    const genesis = first === 'genesis'
    const misplaced = ops.some(
      ({ op }, i) => (op === 'genesis' && (i > 0 || seq > 1n)) || (op === 'join' && ops.length > 1)
    )
    if (misplaced) throw new Broken('misplaced')
    if (member === undefined && !genesis && first !== 'join') throw new Forbidden('a stranger')
    if (member !== undefined && !equal(member.idcertHash, author.hash)) {
      throw new Unsigned('another certificate')
    }
    const role = genesis ? 'owner' : (member?.role ?? null)
    return { vaultId: this.vaultId, seq, timeMs, author, role }
  }

  #change(
    op: Extract<Op, { op: 'put' | 'delete' }>,
    epoch: bigint,
    step: Step
  ): SecretEntry | null {
    checkMayWrite(step)
    if (op.op === 'put' && op.epoch !== epoch) throw new Broken('wrong epoch')
    if (this.#buckets !== null) {
      if (op.op === 'delete' && this.secret(op.secretId) === undefined) {
        throw new Broken('no such secret')
      }
      if (op.version !== this.nextVersion(op.secretId)) throw new Broken('wrong version')
    }
    if (op.op === 'delete') return null
    const { version, overviewHash, detailsHash } = op
    return { version, epoch: op.epoch, overviewHash, detailsHash }
  }
}

function sameEntry(a: SecretEntry | null, b: SecretEntry | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.version === b.version &&
    a.epoch === b.epoch &&
    equal(a.overviewHash, b.overviewHash) &&
    equal(a.detailsHash, b.detailsHash)
  )
}
