/** What a change did, as a reader is told of it. */
import type { Commit } from '../crypto/commits.ts'
import { holderOf } from '../crypto/identity.ts'
import type { Op, Role } from '../crypto/ops.ts'
import { headOf } from './history.ts'
import type { Head } from './types.ts'

/** So many secrets of one change are named; an import may have thousands. */
const NAMED = 5

/** What became of secrets. */
export type SecretDeed = {
  did: 'added' | 'changed' | 'deleted' | 'restored'
  /** The first of them. */
  secretIds: string[]
  count: number
}

/** What became of the vault and its people. */
export type RosterDeed =
  | { did: 'created' | 'described' | 'uninvited' }
  | { did: 'invited'; role: Role }
  | { did: 'let-in' | 'role'; userId: string; role: Role }
  | { did: 'joined' | 'left' | 'rekeyed' | 'removed'; userId: string }
  | { did: 'rotated'; epoch: string }

/** A signed change: which, by whom, when, and what it did. */
export type Change = Head & { deeds: (SecretDeed | RosterDeed)[] }

/** Tells every commit, from the genesis on. */
export function tell(commits: readonly Commit[]): Change[] {
  const live = new Set<string>()
  return commits.map((commit) => ({ ...headOf(commit), deeds: deedsOf(commit, live) }))
}

function deedsOf({ ops, authorId }: Commit, live: Set<string>): Change['deeds'] {
  const secrets = new Map<SecretDeed['did'], SecretDeed>()
  const roster: RosterDeed[] = []
  for (const op of ops) {
    if (op.op !== 'put' && op.op !== 'delete') {
      roster.push(rosterDeed(op, authorId))
      continue
    }
    const did = secretDeed(op, live)
    const deed = secrets.get(did) ?? { did, secretIds: [], count: 0 }
    deed.count += 1
    if (deed.secretIds.length < NAMED) deed.secretIds.push(op.secretId)
    secrets.set(did, deed)
  }
  return [...roster, ...secrets.values()]
}

function secretDeed(
  op: Extract<Op, { op: 'put' | 'delete' }>,
  live: Set<string>
): SecretDeed['did'] {
  if (op.op === 'delete') {
    live.delete(op.secretId)
    return 'deleted'
  }
  if (live.has(op.secretId)) return 'changed'
  live.add(op.secretId)
  return op.version === 1n ? 'added' : 'restored'
}

function rosterDeed(op: Exclude<Op, { op: 'put' | 'delete' }>, author: string): RosterDeed {
  switch (op.op) {
    case 'genesis':
      return { did: 'created' }
    case 'add':
      return { did: 'let-in', userId: holderOf(op.idcert), role: op.role }
    case 'role':
      return { did: 'role', userId: op.userId, role: op.role }
    case 'remove':
      return { did: op.userId === author ? 'left' : 'removed', userId: op.userId }
    case 'rotate':
      return { did: 'rotated', epoch: String(op.epoch) }
    case 'profile':
      return { did: 'described' }
    case 'invite':
      return { did: 'invited', role: op.role }
    case 'uninvite':
      return { did: 'uninvited' }
    case 'join':
      return { did: 'joined', userId: holderOf(op.idcert) }
    case 'rekey':
      return { did: 'rekeyed', userId: holderOf(op.idcert) }
  }
}
