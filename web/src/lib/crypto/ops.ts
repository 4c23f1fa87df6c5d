/** The twelve operations of a vault's history, and their bytes. */
import { type Bytes, concat, concatAll, idBytes, lp, lp32, u32, u64 } from './bytes.ts'
import { Reader } from './encoding.ts'
import { Broken } from './errors.ts'
import { holderOf } from './identity.ts'

const ROLES = ['owner', 'admin', 'member', 'viewer'] as const

/** A role in a vault; its byte is its place in this order, from 1. */
export type Role = (typeof ROLES)[number]

const HOW = ['link', 'words', 'machine'] as const

/** How a newcomer's keys were verified; those of a machine, the author made. */
export type How = (typeof HOW)[number]

/** One operation. */
export type Op =
  | { op: 'genesis'; idcert: Bytes; suite: number; vkCommit: Bytes }
  | Put
  | { op: 'delete'; secretId: string; version: bigint }
  | { op: 'add'; idcert: Bytes; role: Role; how: How }
  | { op: 'role'; userId: string; role: Role }
  | { op: 'remove'; userId: string }
  | { op: 'rotate'; epoch: bigint; vkCommit: Bytes }
  | { op: 'profile'; epoch: bigint; blobHash: Bytes }
  | { op: 'invite'; inviteId: string; invitePk: Bytes; role: Role; expiresMs: bigint }
  | { op: 'uninvite'; inviteId: string }
  | { op: 'join'; inviteId: string; idcert: Bytes; signature: Bytes }
  | { op: 'rekey'; idcert: Bytes }

/** A new version of a secret. */
export type Put = {
  op: 'put'
  secretId: string
  version: bigint
  epoch: bigint
  overviewHash: Bytes
  detailsHash: Bytes
}

const MOST_OPS = 10_000

/** The byte of a role. */
export function roleByte(role: Role): number {
  return ROLES.indexOf(role) + 1
}

/** The role of a byte. */
export function roleOf(byte: unknown): Role {
  const role = typeof byte === 'number' ? ROLES[byte - 1] : undefined
  if (role === undefined) throw new Broken('no such role')
  return role
}

function howOf(byte: number): How {
  const how = HOW[byte - 1]
  if (how === undefined) throw new Broken('verified how')
  return how
}

const roleRaw = (role: Role): Bytes => Uint8Array.of(roleByte(role))

type Codec = { code: number; write: (op: never) => Bytes; read: (r: Reader) => Op }

type OpOf<K extends Op['op']> = Extract<Op, { op: K }>

const codec = <K extends Op['op']>(
  code: number,
  write: (op: OpOf<K>) => Bytes,
  read: (r: Reader) => OpOf<K>
): Codec => ({ code, write, read })

const CODECS: Record<Op['op'], Codec> = {
  genesis: codec<'genesis'>(
    0x01,
    (o) => concat(lp(o.idcert), Uint8Array.of(o.suite), o.vkCommit),
    (r) => ({ op: 'genesis', idcert: r.lp(), suite: r.u8(), vkCommit: r.take(32) })
  ),
  put: codec<'put'>(
    0x02,
    (o) => concat(idBytes(o.secretId), u64(o.version), u64(o.epoch), o.overviewHash, o.detailsHash),
    (r) => ({
      op: 'put',
      secretId: r.id(),
      version: r.u64(),
      epoch: r.u64(),
      overviewHash: r.take(32),
      detailsHash: r.take(32)
    })
  ),
  delete: codec<'delete'>(
    0x03,
    (o) => concat(idBytes(o.secretId), u64(o.version)),
    (r) => ({ op: 'delete', secretId: r.id(), version: r.u64() })
  ),
  add: codec<'add'>(
    0x04,
    (o) => concat(lp(o.idcert), roleRaw(o.role), Uint8Array.of(HOW.indexOf(o.how) + 1)),
    (r) => ({ op: 'add', idcert: r.lp(), role: roleOf(r.u8()), how: howOf(r.u8()) })
  ),
  role: codec<'role'>(
    0x05,
    (o) => concat(idBytes(o.userId), roleRaw(o.role)),
    (r) => ({ op: 'role', userId: r.id(), role: roleOf(r.u8()) })
  ),
  remove: codec<'remove'>(
    0x06,
    (o) => idBytes(o.userId),
    (r) => ({ op: 'remove', userId: r.id() })
  ),
  rotate: codec<'rotate'>(
    0x07,
    (o) => concat(u64(o.epoch), o.vkCommit),
    (r) => ({ op: 'rotate', epoch: r.u64(), vkCommit: r.take(32) })
  ),
  profile: codec<'profile'>(
    0x08,
    (o) => concat(u64(o.epoch), o.blobHash),
    (r) => ({ op: 'profile', epoch: r.u64(), blobHash: r.take(32) })
  ),
  invite: codec<'invite'>(
    0x09,
    (o) => concat(idBytes(o.inviteId), o.invitePk, roleRaw(o.role), u64(o.expiresMs)),
    (r) => ({
      op: 'invite',
      inviteId: r.id(),
      invitePk: r.take(32),
      role: roleOf(r.u8()),
      expiresMs: r.u64()
    })
  ),
  uninvite: codec<'uninvite'>(
    0x0a,
    (o) => idBytes(o.inviteId),
    (r) => ({ op: 'uninvite', inviteId: r.id() })
  ),
  join: codec<'join'>(
    0x0b,
    (o) => concat(idBytes(o.inviteId), lp(o.idcert), o.signature),
    (r) => ({ op: 'join', inviteId: r.id(), idcert: r.lp(), signature: r.take(64) })
  ),
  rekey: codec<'rekey'>(
    0x0c,
    (o) => lp(o.idcert),
    (r) => ({ op: 'rekey', idcert: r.lp() })
  )
}

const BY_CODE = new Map(Object.values(CODECS).map((one) => [one.code, one]))

/** How many, and each: its code, then its body behind a length. */
export function writeOps(ops: readonly Op[]): Bytes {
  if (ops.length < 1 || ops.length > MOST_OPS) throw new Broken('too few or too many operations')
  const parts: Bytes[] = [u32(ops.length)]
  for (const op of ops) {
    const { code, write } = CODECS[op.op]
    parts.push(Uint8Array.of(code), lp32(write(op as never)))
  }
  return concatAll(parts)
}

/** Reads what `writeOps` wrote. */
export function readOps(reader: Reader): Op[] {
  const count = reader.u32()
  if (count < 1 || count > MOST_OPS) throw new Broken('too few or too many operations')
  const ops: Op[] = []
  for (let i = 0; i < count; i++) {
    const known = BY_CODE.get(reader.u8())
    if (known === undefined) throw new Broken('no such operation')
    const body = new Reader(reader.lp32())
    ops.push(known.read(body))
    body.end()
  }
  return ops
}

/** Whom or what an operation names; one commit names each at most once. */
export function subjectOf(op: Op): string {
  switch (op.op) {
    case 'put':
    case 'delete':
      return `secret ${op.secretId}`
    case 'genesis':
    case 'add':
    case 'join':
    case 'rekey':
      return `person ${holderOf(op.idcert)}`
    case 'role':
    case 'remove':
      return `person ${op.userId}`
    case 'invite':
    case 'uninvite':
      return `invitation ${op.inviteId}`
    case 'rotate':
    case 'profile':
      return op.op
  }
}
