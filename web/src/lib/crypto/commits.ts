/** Commits: one signed step of a vault's history. */
import type { Identity } from './account-keys.ts'
import { type Bytes, concat, idBytes, u64, utf8 } from './bytes.ts'
import { edVerify } from './ed25519.ts'
import { Reader } from './encoding.ts'
import { Broken, Unsigned } from './errors.ts'
import { sha256 } from './hashes.ts'
import type { IdCert } from './identity.ts'
import { type Op, readOps, writeOps } from './ops.ts'

const PREFIX = 'keyarc/ka1/commit\0'

/** What the author of a commit says. */
export type Draft = {
  vaultId: string
  seq: bigint
  prev: Bytes
  timeMs: bigint
  authorId: string
  authorKeyEpoch: bigint
  /** The vault's state after it. */
  state: Bytes
  ops: readonly Op[]
}

/** A commit with its signature; not verified yet. */
export type Commit = Draft & { raw: Bytes; signature: Bytes; hash: Bytes }

/** The bytes that are signed. */
export function encodeCommit(draft: Draft): Bytes {
  return concat(
    utf8(PREFIX),
    idBytes(draft.vaultId),
    u64(draft.seq),
    draft.prev,
    u64(draft.timeMs),
    idBytes(draft.authorId),
    u64(draft.authorKeyEpoch),
    draft.state,
    writeOps(draft.ops)
  )
}

/** Signs what one says. */
export async function signCommit(draft: Draft, author: Identity): Promise<Commit> {
  const raw = encodeCommit(draft)
  const signature = await author.sign(raw)
  return { ...draft, raw, signature, hash: await sha256(raw, signature) }
}

/** Parses the bytes of a commit, all of them. */
export async function parseCommit(raw: Bytes, signature: Bytes): Promise<Commit> {
  if (signature.length !== 64) throw new Broken('wrong length')
  const reader = new Reader(raw)
  reader.literal(PREFIX)
  const draft: Draft = {
    vaultId: reader.id(),
    seq: reader.u64(),
    prev: reader.take(32),
    timeMs: reader.u64(),
    authorId: reader.id(),
    authorKeyEpoch: reader.u64(),
    state: reader.take(32),
    ops: readOps(reader)
  }
  reader.end()
  return { ...draft, raw, signature, hash: await sha256(raw, signature) }
}

/** Refuses a commit that this certificate's key did not sign. */
export async function verifyCommit(commit: Commit, author: IdCert): Promise<void> {
  const named = commit.authorId === author.userId && commit.authorKeyEpoch === author.keyEpoch
  if (!named || !(await edVerify(author.edPk, commit.raw, commit.signature))) {
    throw new Unsigned('bad signature')
  }
}
