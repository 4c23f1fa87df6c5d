/** A server that shows one history to one device of a person, and another to another. */
import { beforeEach, expect, test } from 'vitest'
import { failure } from './failure.ts'
import type { Server } from './server.ts'
import { Browser, details, EMAIL, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

let browser: Browser
let other: Browser
let accountKey: string
let vaultId: string
let secretId: string

beforeEach(async () => {
  ;({ browser, accountKey } = await signedUp())
  vaultId = (await browser.core.vaults.create({ name: 'Work', description: '', icon: 'key' })).id
  secretId = (await save(browser, 'A')).id
  await rowsOf(browser, vaultId)
  other = await looking(browser.server.twin())
})

/** A browser that has looked at the vault, so that only news are asked for. */
async function looking(server: Server): Promise<Browser> {
  const found = new Browser(server)
  await found.core.entrance.logIn({ email: EMAIL, password: PASSWORD, accountKey })
  for (let n = 0; n < 2; n++) await rowsOf(found, vaultId)
  return found
}

/** One whose keyring is not taken: no other device hears of what it sees. */
async function mute(server: Server): Promise<Browser> {
  const { transport } = server
  server.transport = (request) =>
    request.method === 'PUT'
      ? Promise.resolve({ status: 503, retryAfter: null, text: '' })
      : transport(request)
  const found = await looking(server)
  server.transport = transport
  return found
}

const save = (on: Browser, name: string): Promise<{ id: string }> =>
  on.core.vaults.save(vaultId, null, overview(name), details(name))

/** Something by which a device hears what the others have put into the keyring. */
async function hear(on: Browser): Promise<void> {
  await on.core.vaults.create({ name: 'Else', description: '', icon: 'key' })
}

/** What is told of the vault, about which nothing is asked any more. */
async function told(on: Browser): Promise<string> {
  const code = await failure(rowsOf(on, vaultId))
  on.server.requests.length = 0
  expect(await failure(save(on, 'Z'))).toBe(code)
  expect(on.server.requests).toEqual([])
  return code
}

test('M14: nothing new is not believed where another device has seen more', async () => {
  await save(browser, 'B')
  await hear(other)

  expect(await told(other)).toBe('rollback')
})

test('M16: nothing is written on top of less than another device has seen', async () => {
  for (const name of ['B', 'C']) await save(browser, name)
  await save(other, 'D')

  expect(await failure(save(other, 'E'))).toBe('rollback')
  expect(await told(other)).toBe('rollback')
})

test('M16: a way that leads past what another device has seen is a fork', async () => {
  const unheard = await mute(other.server)
  for (const name of ['B', 'C']) await save(unheard, name)
  await save(browser, 'D')
  await hear(other)

  expect(await told(other)).toBe('fork')
})

test('M16: a device goes on from what it has followed itself, after a new start too', async () => {
  const unheard = await mute(browser.server)
  await save(other, 'B')
  await save(unheard, 'C')
  await save(browser, 'D')
  const again = new Browser(browser.server, other.device)
  await again.core.entrance.unlock({ password: PASSWORD })
  await again.core.vaults.look()

  expect(await told(again)).toBe('fork')
})

test('M14: an access log that leads past what another device has seen is refused', async () => {
  await other.core.vaults.details(vaultId, secretId)
  await rowsOf(other, vaultId)
  for (let n = 0; n < 3; n++) await browser.core.vaults.details(vaultId, secretId)
  await hear(browser)

  expect(await told(browser)).toBe('audit-broken')
})
