import { beforeEach, expect, test } from 'vitest'
import type { Transport } from '../../src/lib/api/http.ts'
import type { Server } from './server.ts'
import { Browser, details, MemoryDevice, overview, PASSWORD, signedUp } from './world.ts'

const OTHER = 'four quiet herons in a row'

let browser: Browser
let accountKey: string

beforeEach(async () => {
  ;({ browser, accountKey } = await signedUp())
  const { id } = await browser.core.vaults.create({ name: 'Work', description: '', icon: 'box' })
  await browser.core.vaults.save(id, null, overview('one'), details('1'))
})

test('another e-mail is followed by this browser, and asked for by others', async () => {
  await browser.core.proofs.prove({ password: PASSWORD })

  expect(await browser.core.account.changeEmail({ email: ' New@Example.com ' })).toBe(true)

  expect(await browser.core.entrance.status()).toMatchObject({ email: 'new@example.com' })
  expect(browser.device.record?.email).toBe('new@example.com')
})

test('a copy holds every value of every vault, and only what verifies', async () => {
  await browser.core.proofs.prove({ password: PASSWORD })
  const told: unknown[] = []

  const copy = await browser.core.copies.make((...progress: unknown[]) => told.push(progress))

  expect(JSON.parse(copy)).toMatchObject({
    keyarc_export: 1,
    vaults: [{ name: 'Work', secrets: [{ overview: { name: 'one' }, details: details('1') }] }]
  })
  expect(told.at(-1)).toEqual([1, 1])
})

test('an account that is deleted is gone from this browser too', async () => {
  await browser.core.proofs.prove({ password: PASSWORD })

  await browser.core.account.remove()

  expect(browser.device.record).toBeNull()
  expect(await browser.core.entrance.status()).toEqual({ state: 'new' })
})

test('the account key is shown for a fresh proof alone', async () => {
  await expect(browser.core.account.accountKey()).rejects.toMatchObject({ code: 'proof-needed' })
  await browser.core.proofs.prove({ password: PASSWORD })

  expect(await browser.core.account.accountKey()).toBe(accountKey)
})

test('a wrong password proves nothing, and the server is not asked', async () => {
  browser.server.requests.length = 0

  await expect(browser.core.proofs.prove({ password: OTHER })).rejects.toMatchObject({
    code: 'wrong-password'
  })
  expect(browser.server.requests).toEqual([])
})

/** A browser whose session was ended by what was done elsewhere. */
function loggedOut(browser: Browser): Browser {
  const { server } = browser
  const over = { status: 401, retryAfter: null, text: '{"type":"/problems/session-ended"}' }
  let ended = true
  const transport: Transport = async (request) => {
    const closed = request.path.startsWith('/api/') || request.path === '/auth/sessions/refresh'
    if (ended && closed) return over
    const answer = await server.transport(request)
    if (request.path === '/auth/sessions' && answer.status === 200) ended = false
    return answer
  }
  const behind = Object.assign(Object.create(server) as Server, { transport })
  const device = new MemoryDevice()
  device.record = browser.device.record
  return new Browser(behind, device)
}

test('a password that was changed elsewhere unlocks here, and the old one does not', async () => {
  const here = loggedOut(browser)
  await browser.core.proofs.prove({ password: PASSWORD })
  await browser.core.newKeys.changePassword({ password: OTHER })

  await expect(here.core.entrance.unlock({ password: PASSWORD })).rejects.toMatchObject({
    code: 'account-key-needed'
  })
  await here.core.entrance.unlock({ password: OTHER })

  expect((await here.core.vaults.list())[0]?.secrets).toBe(1)
})

test('an account key that was changed elsewhere is asked for here', async () => {
  const here = loggedOut(browser)
  await browser.core.proofs.prove({ password: PASSWORD })
  const changed = await browser.core.newKeys.makeAccountKey()
  await browser.core.newKeys.changeAccountKey()

  await expect(here.core.entrance.unlock({ password: PASSWORD })).rejects.toMatchObject({
    code: 'account-key-needed'
  })
  await here.core.entrance.unlock({ password: PASSWORD, accountKey: changed })

  expect((await here.core.vaults.list())[0]?.secrets).toBe(1)
})

test('keys that were rotated elsewhere reach this browser as it unlocks', async () => {
  const here = loggedOut(browser)
  await browser.core.proofs.prove({ password: PASSWORD })
  await browser.core.newKeys.makeRecoveryCode()
  await browser.core.newKeys.rotate()

  await here.core.entrance.unlock({ password: PASSWORD })

  expect((await here.core.vaults.list())[0]?.secrets).toBe(1)
  expect(here.device.record?.idcert).toEqual(browser.device.record?.idcert)
})
