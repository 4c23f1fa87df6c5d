/** People who are taken for others: by the server's word, by keys in their name, by a link. */
import { beforeEach, expect, test } from 'vitest'
import { b64, randomBytes, unb64 } from '../../src/lib/crypto/bytes.ts'
import { Buckets } from '../../src/lib/crypto/buckets.ts'
import { parseIdcert } from '../../src/lib/crypto/identity.ts'
import { deriveInvitation, sealInvitation } from '../../src/lib/crypto/invitations.ts'
import { failure } from './failure.ts'
import { Forged, keysOf, post } from './forged.ts'
import { ANN, BOB, CAT, idOf, reopen, Team } from './team.ts'
import { type Browser, details, names, overview, rowsOf } from './world.ts'

const COMMITS = (id: string): string => `/api/account/vaults/${id}/commits`

let team: Team
let ann: Browser
let bob: Browser
let vault: string

beforeEach(async () => {
  team = await Team.gather()
  ;({ ann, bob, vault } = team)
})

test('M20: whoever was made sure of under one address is not under another', async () => {
  await team.bobJoins()
  await rowsOf(ann, vault)
  await team.town.settle(CAT)
  const known = await bob.core.members.ownWords()
  const path = '/api/account/people'
  const request = { method: 'GET', path: `${path}?email=${encodeURIComponent(BOB)}`, body: null }
  const { text } = await ann.server.transport(request)
  team.answering(path, () => JSON.parse(text) as unknown)
  const other = (await ann.core.vaults.create({ name: 'B', description: '', icon: 'box' })).id

  const { userId, words, verified } = await ann.core.members.find(CAT)
  const asked = { userId, email: CAT, role: 'member' as const, seen: null }

  expect([words, verified]).toEqual([known, null])
  expect(await failure(ann.core.members.add(other, asked))).toBe('refused')
  expect(team.town.shares).toEqual([])
})

test('M21: a vault that keys in the name of a known person share comes from a stranger', async () => {
  await team.bobJoins()
  await rowsOf(ann, vault)
  const cat = await team.town.settle(CAT)
  const [mallory, fake] = [await keysOf(await idOf(cat)), await keysOf(await idOf(bob))]
  const { idcert: real, annCert } = await certificates()
  const forged = new Forged()
  const { transport } = cat.server
  const owner = { op: 'add', role: 'owner', how: 'words' } as const
  await post(transport, '/api/account/vaults', await forged.begin(mallory, 'Trap'))
  const steps = [
    () => forged.sign(mallory, [{ ...owner, idcert: fake.idcert.raw }]),
    () => forged.sign(fake, [{ ...owner, idcert: annCert.raw }], annCert),
    () => forged.sign(mallory, [{ op: 'remove', userId: fake.userId }]),
    () => forged.sign(mallory, [{ ...owner, idcert: real.raw }])
  ]
  for (const step of steps) await post(transport, COMMITS(forged.vaultId), await step())
  await ann.core.vaults.list()

  const { words } = await ann.core.waiting.look(forged.vaultId)

  expect(words).not.toBeNull()
  expect(await failure(ann.core.waiting.accept(forged.vaultId, null))).toBe('refused')
})

test('M36: who answers the link of another is still called as when their words were compared', async () => {
  await team.add(BOB)
  const { words } = await bob.core.waiting.look(vault)
  await bob.core.waiting.accept(vault, words)
  const other = (await ann.core.vaults.create({ name: 'B', description: '', icon: 'box' })).id
  const made = await ann.core.links.make(other, { role: 'member', days: 1, email: CAT })

  await bob.core.joining.accept(made.secret)

  await rowsOf(ann, other)
  expect((await ann.core.members.known()).map(({ email }) => email)).toEqual([BOB])
})

test('M18: nobody gets more of a vault before somebody made sure of them', async () => {
  await team.add(BOB)
  const waiting = await bob.core.waiting.look(vault)
  await bob.core.waiting.accept(vault, waiting.words)
  const [id, own] = [await idOf(bob), await idOf(ann)]
  await ann.core.members.changeRole(vault, id, 'owner')

  expect(waiting.words).not.toBeNull()
  expect((await bob.core.members.list(vault)).map(({ verified }) => verified)).toContain('words')
  const cat = await team.catJoins()
  const { members } = bob.core
  const catId = await idOf(cat)
  expect(await failure(members.changeRole(vault, catId, 'admin'))).toBe('refused')
  expect(await failure(members.handOver(vault, catId))).toBe('refused')
  await members.changeRole(vault, catId, 'viewer')
  await members.compared(vault, catId, CAT, await members.words(vault, catId))
  await members.changeRole(vault, catId, 'admin')

  const roles = (await members.list(vault)).map(({ userId, role }) => [userId, role])
  expect(roles).toContainEqual([catId, 'admin'])
  expect(roles).toContainEqual([own, 'owner'])
})

test('a link that another used than it was for is told', async () => {
  const { links } = ann.core
  const { secret } = await links.make(vault, { role: 'member', days: 1, email: CAT })
  await bob.core.joining.accept(secret)

  const [, found] = await ann.core.members.list(vault)

  expect(found).toMatchObject({ email: CAT, said: false, called: BOB, verified: 'link' })
})

test('M21: other keys in the own name are no membership', async () => {
  const cat = await team.town.settle(CAT)
  const [mallory, fake] = [await keysOf(await idOf(cat)), await keysOf(await idOf(ann))]
  const { annCert } = await certificates()
  const forged = new Forged()
  const { transport } = cat.server
  await post(transport, '/api/account/vaults', await forged.begin(mallory, 'Trap'))
  const added = { op: 'add', role: 'member', how: 'words', idcert: fake.idcert.raw } as const
  await post(transport, COMMITS(forged.vaultId), await forged.sign(mallory, [added], annCert))
  await ann.core.vaults.list()

  expect(await failure(ann.core.waiting.look(forged.vaultId))).toBe('unsigned')
})

/** The certificates of Bob and Ann, as the directory has them. */
async function certificates(): Promise<
  Record<'idcert' | 'annCert', Awaited<ReturnType<typeof parseIdcert>>>
> {
  const [idcert, annCert] = await Promise.all(
    [BOB, ANN].map(async (email) => {
      const path = `/api/account/people?email=${encodeURIComponent(email)}`
      const { text } = await ann.server.transport({ method: 'GET', path, body: null })
      return parseIdcert(unb64((JSON.parse(text) as { idcert: string }).idcert))
    })
  )
  if (idcert === undefined || annCert === undefined) throw new Error('nobody')
  return { idcert, annCert }
}

test('M37: a link to a vault that one is of puts no other history in its place', async () => {
  await team.bobJoins()
  await rowsOf(bob, vault)
  const cat = await team.town.settle(CAT)
  const mallory = await keysOf(await idOf(cat))
  const secret = randomBytes(32)
  const link = await deriveInvitation(secret)
  const forged = new Forged(vault)
  await forged.begin(mallory, 'Team')
  for (let made = 0; made < 4; made++) await forged.rotate(mallory, 'Team')
  const expiresMs = BigInt(Date.now() + 60_000)
  const { inviteId, publicKey: invitePk } = link
  await forged.sign(mallory, [{ op: 'invite', inviteId, invitePk, role: 'member', expiresMs }])
  const blob = await sealInvitation(link, {
    vaultId: vault,
    inviter: mallory.idcert,
    email: ANN,
    role: 'member',
    expiresMs,
    pin: forged.pin,
    keys: new Map([...forged.keys].filter(([epoch]) => epoch === forged.state.epoch))
  })
  const honest = bob.server.transport
  const offer = {
    vault_id: vault,
    blob: b64(blob),
    expires_at: '2030-01-01T00:00:00Z',
    head: forged.head,
    buckets: b64(await new Buckets().preview(new Map())),
    idcerts: [b64(mallory.idcert.raw)],
    profile: forged.profile
  }
  const sent: string[] = []
  Object.assign(bob.server, {
    transport: (request: Parameters<typeof honest>[0]) => {
      if (!request.path.startsWith('/api/account/invitations/')) return honest(request)
      sent.push(request.method)
      return Promise.resolve({ status: 200, retryAfter: null, text: JSON.stringify(offer) })
    }
  })
  await reopen(bob)

  const ended = await failure(bob.core.joining.accept(b64(secret)))

  expect(sent).not.toContain('POST')
  expect(ended).toBe('refused')
  await ann.core.vaults.save(vault, null, overview('B'), details('b'))
  expect(names(await rowsOf(bob, vault))).toEqual(['A', 'B'])
})
