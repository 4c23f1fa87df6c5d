/** Removing and leaving: other keys for those who stay, and a list for what leavers know. */
import { beforeEach, expect, test } from 'vitest'
import { Identity } from '../../src/lib/crypto/account-keys.ts'
import { b64 } from '../../src/lib/crypto/bytes.ts'
import { failure } from './failure.ts'
import type { Any } from './refusal.ts'
import { ANN, BOB, idOf, reopen, Team } from './team.ts'
import { type Browser, details, names, overview, PASSWORD, rowsOf } from './world.ts'

let team: Team
let ann: Browser
let bob: Browser
let vault: string

beforeEach(async () => {
  team = await Team.gather()
  ;({ ann, bob, vault } = team)
})

test('M39: whoever is removed keeps no way to what comes later, and is told', async () => {
  await team.bobJoins()
  const cat = await team.catJoins()
  const gone = await idOf(bob)

  await ann.core.members.remove(vault, gone)
  await ann.core.vaults.save(vault, null, overview('B'), details('b'))

  expect(team.town.shares.filter((share) => share['recipient_id'] === gone)).toEqual([])
  expect(names(await rowsOf(cat, vault))).toEqual(['A', 'B'])
  expect(await bob.core.vaults.list()).toEqual([])
  expect(await bob.core.waiting.lost()).toMatchObject([{ vaultId: vault, by: await idOf(ann) }])
  expect(await bob.core.waiting.lost()).toEqual([])
  await reopen(bob)
  expect(await bob.core.vaults.list()).toEqual([])
})

test('a vault that is kept back looks like no removal', async () => {
  await team.bobJoins()
  team.answering('/api/account/vaults', () => ({ items: [], next: null }))

  expect(await failure(bob.core.vaults.list())).toBe('rollback')
  team.honest()
  await reopen(bob)
  expect(names(await rowsOf(bob, vault))).toEqual(['A'])
})

test('with somebody go the machines that they let in, and no other', async () => {
  await team.bobJoins()
  await ann.core.members.changeRole(vault, await idOf(bob), 'admin')
  for (const browser of [ann, bob]) {
    await rowsOf(browser, vault)
    await browser.core.proofs.prove({ password: PASSWORD })
    await browser.core.machines.create({ name: 'ci', vaultIds: [vault], expiresAt: null })
  }

  await ann.core.members.remove(vault, await idOf(bob))

  const left = (await ann.core.members.list(vault)).map(({ by, verified }) => [by, verified])
  const own = await idOf(ann)
  expect(left).toEqual([
    [own, 'you'],
    [own, 'machine']
  ])
  expect(team.town.shares.length).toBe(1)
})

test('M39: a new key passes by the machines of whoever left', async () => {
  await team.bobJoins()
  await ann.core.members.changeRole(vault, await idOf(bob), 'admin')
  await rowsOf(bob, vault)
  await bob.core.proofs.prove({ password: PASSWORD })
  await bob.core.machines.create({ name: 'ci', vaultIds: [vault], expiresAt: null })
  await bob.core.departures.leave(vault)
  expect((await ann.core.members.list(vault)).length).toBe(2)

  await ann.core.members.rotate(vault)

  expect((await ann.core.members.list(vault)).map(({ verified }) => verified)).toEqual(['you'])
})

test('who lost a race of keys and was removed by it comes back by a link', async () => {
  await team.bobJoins()
  await ann.core.members.changeRole(vault, await idOf(bob), 'admin')
  await rowsOf(bob, vault)
  const gone = await idOf(bob)
  team.town.meanwhile = () => ann.core.members.remove(vault, gone)
  await expect(bob.core.members.rotate(vault)).rejects.toThrow()
  expect(await bob.core.vaults.list()).toEqual([])

  await bob.core.joining.accept(await team.invited())

  expect(names(await rowsOf(bob, vault))).toEqual(['A'])
})

test('M14: a removal that nobody signed is a vault kept back', async () => {
  await team.bobJoins()
  await ann.core.members.remove(vault, await idOf(bob))
  const path = `/api/account/vaults/${vault}/removal`
  team.answering(path, ({ items, next }) => ({ items: (items as Any[]).slice(0, -1), next }))

  expect(await failure(bob.core.vaults.list())).toBe('rollback')
})

test('M17: a removal is verified page by page, however many pages there are', async () => {
  await team.bobJoins()
  await ann.core.members.remove(vault, await idOf(bob))
  const signature = b64(new Uint8Array(64))
  team.answering(`/api/account/vaults/${vault}/removal`, ({ items }) => {
    const [last, ...before] = [...(items as Any[])].reverse()
    return { items: [...before.reverse(), { ...last, signature }], next: '99' }
  })
  team.town.requests.length = 0

  expect(await failure(bob.core.vaults.list())).toBe('unsigned')
  expect(team.town.requests.filter(({ path }) => path.includes('/removal')).length).toBe(1)
})

test('M24: a rotation shares with the signed roster, and with nobody whom the server names', async () => {
  await team.bobJoins()
  const cat = await team.catJoins()
  const mallory = await (await Identity.make(await idOf(cat))).idcert()
  const extra = { user_id: await idOf(cat), role: 'owner', idcert: b64(mallory.raw) }
  team.answering('/api/account/vaults', ({ items, next }) => ({
    items: (items as Any[]).map((one) => ({ ...one, members: [extra, ...(one['members'] as [])] })),
    next
  }))
  await reopen(ann)
  const before = team.town.shares.length

  await ann.core.members.remove(vault, await idOf(bob))
  team.honest()

  expect(team.town.shares.slice(before).map((share) => share['recipient_id'])).toEqual([
    await idOf(cat)
  ])
  await reopen(cat)
  expect(names(await rowsOf(cat, vault))).toEqual(['A'])
})

test('a key that was changed meanwhile is missing until its share comes; nothing is lost', async () => {
  await team.bobJoins()
  await ann.core.members.rotate(vault)
  team.answering('/api/account/shares', ({ next }) => ({ items: [], next }))

  expect(await failure(rowsOf(bob, vault))).toBe('key-missing')
  await ann.core.vaults.save(vault, null, overview('B'), details('b'))
  await reopen(bob)
  expect(await failure(rowsOf(bob, vault))).toBe('key-missing')
  team.honest()

  expect(names(await rowsOf(bob, vault))).toEqual(['A', 'B'])
})

test('of two who change the key at once the second does so once more, and both read on', async () => {
  await team.bobJoins()
  await ann.core.members.changeRole(vault, await idOf(bob), 'owner')
  await rowsOf(bob, vault)
  team.town.meanwhile = async () => {
    await ann.core.members.rotate(vault)
    await ann.core.vaults.save(vault, null, overview('B'), details('b'))
  }

  await bob.core.members.rotate(vault)

  await reopen(ann)
  await reopen(bob)
  expect(names(await rowsOf(ann, vault))).toEqual(['A', 'B'])
  expect(names(await rowsOf(bob, vault))).toEqual(['A', 'B'])
  expect(new Set(team.town.shares.map((share) => share['epoch']))).toEqual(new Set(['2', '3']))
})

test('what a leaver could read is listed until it is replaced or deleted', async () => {
  const row = await ann.core.vaults.save(vault, null, overview('B'), details('b'))
  await team.bobJoins()
  await ann.core.members.remove(vault, await idOf(bob))
  await ann.core.vaults.save(vault, null, overview('C'), details('c'))
  const seen = async (): Promise<unknown> =>
    (await ann.core.leavers.list(vault)).map(({ name, rotated, secrets }) => [
      name.text,
      rotated,
      secrets.map(({ name, now }) => `${name} ${now}`)
    ])

  expect(await seen()).toEqual([[BOB, true, ['A left', 'B left']]])
  const later = { ...overview('B'), rotated_at: '77' }
  await ann.core.vaults.save(vault, row.id, later, details('other'))
  const [first] = (await rowsOf(ann, vault)).filter(({ overview: { name } }) => name === 'A')
  await ann.core.vaults.remove(vault, [first?.id ?? ''])

  expect(await seen()).toEqual([[BOB, true, ['A deleted', 'B replaced']]])
})

test('whoever leaves is out by their own signature; the last owner stays', async () => {
  await team.bobJoins()

  await bob.core.departures.leave(vault)

  expect(await bob.core.vaults.list()).toEqual([])
  expect(await bob.core.waiting.lost()).toEqual([])
  expect(await failure(ann.core.departures.leave(vault))).toBe('refused')
  expect((await ann.core.leavers.list(vault))[0]?.rotated).toBe(false)
})

test('a vault is handed over in one step', async () => {
  await team.bobJoins()

  await ann.core.members.handOver(vault, await idOf(bob))

  const roles = (await ann.core.members.list(vault)).map(({ email, role }) => [email, role])
  expect(roles).toEqual([
    [BOB, 'owner'],
    [ANN, 'admin']
  ])
})
