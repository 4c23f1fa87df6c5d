/** Who may do what: every cell of the table, in the state before the commit. */
import { beforeAll, describe, expect, test } from 'vitest'
import { Identity } from '../../src/lib/crypto/account-keys.ts'
import { Buckets } from '../../src/lib/crypto/buckets.ts'
import { makeId, randomBytes } from '../../src/lib/crypto/bytes.ts'
import { Forbidden } from '../../src/lib/crypto/errors.ts'
import type { IdCert } from '../../src/lib/crypto/identity.ts'
import { deriveInvitation } from '../../src/lib/crypto/invitations.ts'
import type { Op, Role } from '../../src/lib/crypto/ops.ts'
import { emptyParts, mayGive, type Parts } from '../../src/lib/crypto/roster.ts'
import { State } from '../../src/lib/crypto/state.ts'
import { hashState } from '../../src/lib/crypto/state-hash.ts'
import { givable } from '../../src/lib/roles.ts'

const ROLES = ['owner', 'admin', 'member', 'viewer'] as const
const KEEPERS: readonly Role[] = ['owner', 'admin']
const WRITERS: readonly Role[] = ['owner', 'admin', 'member']
const NOBODY: readonly Role[] = []
const VAULT = makeId()
const OPEN = makeId()
const LIVE = makeId()
const [overviewHash, detailsHash] = [randomBytes(32), randomBytes(32)]

/** Two of each role, so that none is the last, and somebody from outside. */
const authors = new Map<Role | 'stranger', IdCert>()
const others = new Map<Role, IdCert>()
let state: State
let newcomer: IdCert
let invitePk: Awaited<ReturnType<typeof deriveInvitation>>['publicKey']

const someone = (): Promise<IdCert> => Identity.make(makeId()).idcert()

beforeAll(async () => {
  const parts: Parts = emptyParts()
  for (const role of ROLES) {
    for (const people of [authors, others]) {
      const cert = await someone()
      people.set(role, cert)
      parts.roster.set(cert.userId, { role, idcertHash: cert.hash })
    }
  }
  authors.set('stranger', await someone())
  newcomer = await someone()
  invitePk = (await deriveInvitation(randomBytes(32))).publicKey
  parts.epochs.set(1n, randomBytes(32))
  parts.invites.set(OPEN, { pk: invitePk, role: 'owner', expiresMs: 9_999_999_999_999n })
  const secrets = new Map([[LIVE, { version: 1n, epoch: 1n, overviewHash, detailsHash }]])
  const hashes = await new Buckets().preview(secrets)
  const head = { seq: 7n, hash: randomBytes(32), state: await hashState(parts, hashes) }
  state = State.pinned(VAULT, parts, head)
  await state.load(secrets)
})

const userOf = (role: Role): string => others.get(role)?.userId ?? ''
const put = { secretId: makeId(), version: 1n, epoch: 1n, overviewHash, detailsHash }

type Cell = [what: string, who: readonly Role[], op: () => Op]

const CELLS: Cell[] = [
  ['puts', WRITERS, () => ({ op: 'put', ...put })],
  ['deletes', WRITERS, () => ({ op: 'delete', secretId: LIVE, version: 2n })],
  ['rotates', KEEPERS, () => ({ op: 'rotate', epoch: 2n, vkCommit: overviewHash })],
  ['renames', KEEPERS, () => ({ op: 'profile', epoch: 1n, blobHash: overviewHash })],
  ['cancels an invitation', KEEPERS, () => ({ op: 'uninvite', inviteId: OPEN })],
  ["changes another's keys", NOBODY, () => ({ op: 'rekey', idcert: newcomer.raw })],
  ...ROLES.flatMap((role): Cell[] => {
    const givers: readonly Role[] = role === 'owner' || role === 'admin' ? ['owner'] : KEEPERS
    return [
      [
        `adds as ${role}`,
        givers,
        () => ({ op: 'add', idcert: newcomer.raw, role, how: 'words' as const })
      ],
      [
        `invites as ${role}`,
        givers,
        () => ({ op: 'invite', inviteId: makeId(), invitePk, role, expiresMs: 1n })
      ],
      [`removes: ${role}`, givers, () => ({ op: 'remove', userId: userOf(role) })],
      ...ROLES.map((next): Cell => [
        `makes of a role: ${role}, ${next}`,
        ['owner'],
        () => ({ op: 'role', userId: userOf(role), role: next })
      ])
    ]
  })
]

describe.each([...ROLES, 'stranger'] as const)('a commit by: %s', (author) => {
  test.each(CELLS)('%s', async (_, who, op) => {
    const cert = authors.get(author)
    if (cert === undefined) throw new Error('nobody')

    const preview = state.preview([op()], cert, 1n)

    if (author !== 'stranger' && who.includes(author)) await expect(preview).resolves.toBeDefined()
    else await expect(preview).rejects.toThrow(Forbidden)
  })

  test('leaves by their own will', async () => {
    const cert = authors.get(author)
    if (cert === undefined) throw new Error('nobody')

    const preview = state.preview([{ op: 'remove', userId: cert.userId }], cert, 1n)

    if (author === 'stranger') await expect(preview).rejects.toThrow(Forbidden)
    else await expect(preview).resolves.toBeDefined()
  })
})

test('the screens offer the roles that the rules let somebody give', () => {
  for (const own of ROLES) {
    const allowed = ROLES.filter((role) => mayGive(own, role))
    expect([...givable(own)].sort()).toEqual([...allowed].sort())
  }
})
