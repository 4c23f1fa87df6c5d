/** Who was of a vault from when to when. */
import type { Commit } from '../crypto/commits.ts'
import { holderOf } from '../crypto/identity.ts'
import type { How, Op } from '../crypto/ops.ts'

/** From when to when somebody was of a vault, and who let them in. */
export type Membership = {
  userId: string
  how: How | 'created'
  by: string
  since: { seq: bigint; timeMs: number }
  until: { seq: bigint; timeMs: number; by: string } | null
}

/** Who was a member from when to when, in the order of their coming. */
export function memberships(commits: readonly Commit[]): Membership[] {
  const all: Membership[] = []
  const open = new Map<string, Membership>()
  for (const { ops, seq, timeMs, authorId: by } of commits) {
    const at = { seq, timeMs: Number(timeMs) }
    for (const op of ops) {
      if (op.op === 'genesis' || op.op === 'add' || op.op === 'join') {
        const userId = holderOf(op.idcert)
        const membership: Membership = { userId, how: howOf(op), by, since: at, until: null }
        all.push(membership)
        open.set(userId, membership)
      } else if (op.op === 'remove') {
        const left = open.get(op.userId)
        if (left !== undefined) left.until = { ...at, by }
      }
    }
  }
  return all
}

/** Whom a new key passes by: somebody who is removed, and machines whose maker does not stay. */
export function shutOut(
  past: readonly Membership[],
  removed: string | null,
  isIn: (userId: string) => boolean
): Set<string> {
  const machines = past.filter(({ how, by }) => how === 'machine' && (by === removed || !isIn(by)))
  const all = [...(removed === null ? [] : [removed]), ...machines.map(({ userId }) => userId)]
  return new Set(all.filter(isIn))
}

function howOf(op: Extract<Op, { op: 'genesis' | 'add' | 'join' }>): Membership['how'] {
  if (op.op === 'add') return op.how
  return op.op === 'join' ? 'link' : 'created'
}
