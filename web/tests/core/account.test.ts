import { beforeEach, expect, test } from 'vitest'
import { type Browser, details, overview, PASSWORD, signedUp } from './world.ts'

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
