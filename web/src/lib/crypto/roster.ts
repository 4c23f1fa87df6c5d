/** Who may do what: the roster, invitations, epochs and profile of a vault, and their rules. */
import { type Bytes, concat, idBytes, utf8 } from './bytes.ts'
import { checkEdPk, edVerify } from './ed25519.ts'
import { SUITE } from './encoding.ts'
import { Broken, Forbidden, Unsigned } from './errors.ts'
import { sha256 } from './hashes.ts'
import { type IdCert, parseIdcert } from './identity.ts'
import { type Op, type Role, subjectOf } from './ops.ts'

/** A member of a vault. */
export type Member = { role: Role; idcertHash: Bytes }

/** An invitation that is open. */
export type Invite = { pk: Bytes; role: Role; expiresMs: bigint }

/** The vault's profile as its history names it. */
export type ProfileEntry = { epoch: bigint; seq: bigint; blobHash: Bytes }

/** Every public part of a state but the secrets. */
export type Parts = {
  roster: Map<string, Member>
  invites: Map<string, Invite>
  epochs: Map<bigint, Bytes>
  profile: ProfileEntry | null
}

/** Parts of a vault that has no history yet. */
export function emptyParts(): Parts {
  return { roster: new Map(), invites: new Map(), epochs: new Map(), profile: null }
}

/** A copy to work on. */
export function copyParts(parts: Parts): Parts {
  return {
    roster: new Map(parts.roster),
    invites: new Map(parts.invites),
    epochs: new Map(parts.epochs),
    profile: parts.profile
  }
}

/** The epoch of new writes. */
export function currentEpoch(parts: Parts): bigint {
  return BigInt(parts.epochs.size)
}

/** What an operation is judged by. */
export type Step = {
  vaultId: string
  seq: bigint
  timeMs: bigint
  /** The certificate of the commit's author. */
  author: IdCert
  /** The author's role before the commit; null for a stranger. */
  role: Role | null
}

/** Operations on everything but secrets. */
export type RosterOp = Exclude<Op, { op: 'put' | 'delete' }>

type Rule<K extends RosterOp['op']> = (
  next: Parts,
  op: Extract<RosterOp, { op: K }>,
  step: Step
) => void | Promise<void>

function only(step: Step, ...roles: Role[]): void {
  if (step.role === null || !roles.includes(step.role)) throw new Forbidden('role may not')
}

/** Whether somebody of a role may give another one: an owner any, an admin those below their own. */
export function mayGive(own: Role | null, given: Role): boolean {
  if (own === 'admin') return given !== 'owner' && given !== 'admin'
  return own === 'owner'
}

function onlyGiver(step: Step, given: Role): void {
  if (!mayGive(step.role, given)) throw new Forbidden('role may not')
}

function memberOf(next: Parts, userId: string): Member {
  const member = next.roster.get(userId)
  if (member === undefined) throw new Broken('not a member')
  return member
}

function keepAnOwner(next: Parts): void {
  for (const { role } of next.roster.values()) if (role === 'owner') return
  throw new Forbidden('the last owner stays')
}

async function join(next: Parts, cert: IdCert, role: Role): Promise<void> {
  if (next.roster.has(cert.userId)) throw new Broken('already a member')
  next.roster.set(cert.userId, { role, idcertHash: await sha256(cert.raw) })
}

/** What the invite key signs when its holder joins. */
export async function encodeJoin(vaultId: string, inviteId: string, idcert: Bytes): Promise<Bytes> {
  return concat(
    utf8('keyarc/ka1/sig/join\0'),
    idBytes(vaultId),
    idBytes(inviteId),
    await sha256(idcert)
  )
}

const RULES: { [K in RosterOp['op']]: Rule<K> } = {
  genesis: async (next, op, step) => {
    const cert = await parseIdcert(op.idcert)
    const own = cert.userId === step.author.userId && cert.keyEpoch === step.author.keyEpoch
    if (!own || op.suite !== SUITE) throw new Broken('bad genesis')
    await join(next, cert, 'owner')
    next.epochs.set(1n, op.vkCommit)
  },
  add: async (next, op, step) => {
    onlyGiver(step, op.role)
    await join(next, await parseIdcert(op.idcert), op.role)
  },
  role: (next, op, step) => {
    only(step, 'owner')
    next.roster.set(op.userId, { ...memberOf(next, op.userId), role: op.role })
    keepAnOwner(next)
  },
  remove: (next, op, step) => {
    const { role } = memberOf(next, op.userId)
    if (op.userId !== step.author.userId) onlyGiver(step, role)
    next.roster.delete(op.userId)
    keepAnOwner(next)
  },
  rotate: (next, op, step) => {
    only(step, 'owner', 'admin')
    if (op.epoch !== currentEpoch(next) + 1n) throw new Broken('wrong epoch')
    next.epochs.set(op.epoch, op.vkCommit)
    next.invites.clear()
  },
  profile: (next, op, step) => {
    only(step, 'owner', 'admin')
    if (op.epoch !== currentEpoch(next)) throw new Broken('wrong epoch')
    next.profile = { epoch: op.epoch, seq: step.seq, blobHash: op.blobHash }
  },
  invite: (next, op, step) => {
    onlyGiver(step, op.role)
    checkEdPk(op.invitePk)
    if (next.invites.has(op.inviteId)) throw new Broken('invitation exists')
    next.invites.set(op.inviteId, { pk: op.invitePk, role: op.role, expiresMs: op.expiresMs })
  },
  uninvite: (next, op, step) => {
    only(step, 'owner', 'admin')
    if (!next.invites.delete(op.inviteId)) throw new Broken('no such invitation')
  },
  join: async (next, op, step) => {
    const invite = next.invites.get(op.inviteId)
    if (invite === undefined) throw new Broken('no such invitation')
    if (step.timeMs > invite.expiresMs) throw new Broken('invitation expired')
    const cert = await parseIdcert(op.idcert)
    if (cert.userId !== step.author.userId) throw new Broken('joins for another')
    const message = await encodeJoin(step.vaultId, op.inviteId, op.idcert)
    if (!(await edVerify(invite.pk, message, op.signature))) throw new Unsigned('bad signature')
    next.invites.delete(op.inviteId)
    await join(next, cert, invite.role)
  },
  rekey: async (next, op, step) => {
    if (subjectOf(op) !== `person ${step.author.userId}`) throw new Forbidden('for another')
    const member = memberOf(next, step.author.userId)
    const cert = await parseIdcert(op.idcert, step.author)
    next.roster.set(cert.userId, { role: member.role, idcertHash: cert.hash })
  }
}

/** Does one operation to `next`, if the author may. */
export async function applyRosterOp(next: Parts, op: RosterOp, step: Step): Promise<void> {
  const rule = RULES[op.op] as Rule<RosterOp['op']>
  await rule(next, op as never, step)
}

/** Refuses an author who may not write secrets. */
export function checkMayWrite(step: Step): void {
  only(step, 'owner', 'admin', 'member')
}
