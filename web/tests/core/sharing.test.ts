/** Sharing, against a server that keeps several people's vaults and lies when it is told to. */
import { beforeEach, expect, test } from 'vitest'
import { Identity } from '../../src/lib/crypto/account-keys.ts'
import { b64, randomBytes } from '../../src/lib/crypto/bytes.ts'
import { failure } from './failure.ts'
import type { Any } from './refusal.ts'
import { ANN, BOB, CAT, idOf, reopen, Team } from './team.ts'
import { type Browser, names, rowsOf } from './world.ts'

let team: Team
let ann: Browser
let bob: Browser
let vault: string

beforeEach(async () => {
  team = await Team.gather()
  ;({ ann, bob, vault } = team)
})

test('a link lets one person in, who is then known by it on both sides', async () => {
  const secret = await team.invited()

  const offer = await bob.core.joining.look(secret)
  await bob.core.joining.accept(secret)

  expect(offer).toMatchObject({ name: 'Team', role: 'member', email: ANN, already: false })
  expect(names(await rowsOf(bob, vault))).toEqual(['A'])
  const verified = async (browser: Browser): Promise<unknown[]> =>
    (await browser.core.members.list(vault)).map((one) => [one.email, one.verified])
  expect(await verified(ann)).toEqual([
    [ANN, 'you'],
    [BOB, 'link']
  ])
  expect(await verified(bob)).toEqual([
    [ANN, 'link'],
    [BOB, 'you']
  ])
})

test('M35: no request holds the secret of a link', async () => {
  const secret = await team.invited()

  await bob.core.joining.accept(secret)

  expect(
    team.town.requests.filter(({ path, body }) => `${path} ${body ?? ''}`.includes(secret))
  ).toEqual([])
})

test('M36: a link that was used, or cancelled, opens nothing any more', async () => {
  const used = await team.invited()
  await bob.core.joining.accept(used)
  const cancelled = await team.invited()
  const [open] = await ann.core.links.list(vault)
  await ann.core.links.revoke(vault, open?.inviteId ?? '')
  const cat = await team.town.settle(CAT)

  expect(await failure(cat.core.joining.look(used))).toBe('link-over')
  expect(await failure(cat.core.joining.look(cancelled))).toBe('link-over')
  expect(await failure(cat.core.joining.look('not a link'))).toBe('mistyped')
})

test('a vault that somebody was added to opens after a yes, and by no other way', async () => {
  const words = await team.add(BOB, 'viewer')

  expect(await bob.core.vaults.list()).toEqual([])
  expect(await bob.core.waiting.list()).toEqual([vault])
  const waiting = await bob.core.waiting.look(vault)
  expect(waiting).toMatchObject({ name: 'Team', role: 'viewer', email: ANN, said: true })
  expect(await failure(bob.core.waiting.accept(vault, null))).toBe('refused')
  expect(await failure(bob.core.waiting.accept(vault, words))).toBe('stale')
  expect(await bob.core.vaults.list()).toEqual([])
  await bob.core.waiting.accept(vault, waiting.words)

  expect(names(await rowsOf(bob, vault))).toEqual(['A'])
  await reopen(bob)
  expect(names(await rowsOf(bob, vault))).toEqual(['A'])
})

test('whoever says no is out, and nothing of the vault was kept', async () => {
  await team.add(BOB, 'viewer')
  await bob.core.vaults.list()
  await bob.core.waiting.look(vault)

  await bob.core.waiting.refuse(vault)

  expect(await bob.core.vaults.list()).toEqual([])
  expect(await bob.core.waiting.list()).toEqual([])
  expect((await ann.core.members.list(vault)).length).toBe(1)
})

test('M19: whom the directory puts in the place of another gets nothing', async () => {
  const { words } = await ann.core.members.find(BOB)
  const mallory = await (await Identity.make(await idOf(bob))).idcert()
  const path = '/api/account/people'
  team.answering(path, (answer) => ({ ...answer, idcert: b64(mallory.raw) }))

  const { userId, words: others } = await ann.core.members.find(BOB)
  const asked = { userId, email: BOB, role: 'member' as const, seen: words }

  expect(others).not.toEqual(words)
  expect(await failure(ann.core.members.add(vault, asked))).toBe('stale')
  expect(team.town.shares).toEqual([])
  expect((await ann.core.members.list(vault)).length).toBe(1)
})

test('M21: a share that was changed, or sent by nobody who may, mounts nothing', async () => {
  await team.add(BOB)
  const userId = await idOf(bob)
  await bob.core.vaults.list()
  const path = '/api/account/shares'
  const lies: ((share: Any) => Any)[] = [
    (share) => ({ ...share, signature: b64(randomBytes(64)) }),
    (share) => ({ ...share, ciphertext: b64(randomBytes(1176)) })
  ]
  for (const lie of lies) {
    team.answering(path, ({ items, next }) => ({ items: (items as Any[]).map(lie), next }))
    expect(await failure(bob.core.waiting.look(vault))).toBe('broken')
  }
  team.answering(path, ({ items, next }) => ({
    items: (items as Any[]).map((share) => ({ ...share, sender_id: userId })),
    next
  }))
  expect(await failure(bob.core.waiting.look(vault))).toBe('key-missing')
  expect(await bob.core.vaults.list()).toEqual([])
  // anybody may send what does not open: it can be turned down all the same
  await bob.core.waiting.refuse(vault)
  expect(await bob.core.vaults.list()).toEqual([])
  expect(await bob.core.waiting.list()).toEqual([])
})
