import { expect, test } from 'vitest'
import { b64, type Bytes, randomBytes, unb64 } from '../../src/lib/crypto/bytes.ts'
import { approvedWords, openAccountKey, requestWords } from '../../src/lib/crypto/approval.ts'
import { parseAccountKey } from '../../src/lib/crypto/codes.ts'
import { hpke } from '../../src/lib/crypto/xwing.ts'
import { failure } from './failure.ts'
import type { Any } from './refusal.ts'
import { type Browser, EMAIL, PASSWORD, signedUp } from './world.ts'

const PATH = '/api/account/device-requests'
const ID = '22222222-2222-4222-8222-222222222222'

async function madeKey(): Promise<{ seed: Bytes; xPk: Bytes }> {
  const seed = randomBytes(32)
  return { seed, xPk: await (await hpke()).publicKey(seed) }
}

function serve(browser: Browser, xPk: Bytes): void {
  const asked = { request_id: ID, device: 'new', network: '', public_key: b64(xPk) }
  const items = [{ ...asked, created_at: '2030-01-01T00:00:00Z' }]
  browser.server.tamper = ({ method, path }, answer) =>
    method === 'GET' && path === PATH ? { items, next: null } : answer
}

test('the account key is sealed for the device whose words were shown', async () => {
  const { browser, accountKey } = await signedUp()
  const { seed, xPk } = await madeKey()
  serve(browser, xPk)

  const [asking] = await browser.core.approvals.list()
  if (asking === undefined) throw new Error('nobody asks')
  await browser.core.proofs.prove({ password: PASSWORD })
  const words = await browser.core.approvals.approve(asking)

  const sealed = unb64((JSON.parse(browser.server.requests.at(-1)?.body ?? '') as Any)['sealed'])
  const { userId } = browser.device.record ?? { userId: '' }
  expect(asking.words).toEqual(await requestWords(EMAIL, xPk))
  expect(words).toEqual(await approvedWords(EMAIL, xPk, sealed))
  expect(await openAccountKey({ userId, email: EMAIL, xPk }, seed, sealed)).toEqual(
    await parseAccountKey(accountKey)
  )
})

test('M41: a key that takes the place of the one that was compared gets nothing', async () => {
  const { browser } = await signedUp()
  serve(browser, (await madeKey()).xPk)
  const [asking] = await browser.core.approvals.list()
  if (asking === undefined) throw new Error('nobody asks')

  // the list looks again while the person types the password
  serve(browser, (await madeKey()).xPk)
  await browser.core.approvals.list()
  await browser.core.proofs.prove({ password: PASSWORD })

  expect(await failure(browser.core.approvals.approve(asking))).toBe('refused')
  expect(browser.server.requests.filter(({ method }) => method === 'PUT')).toEqual([])
})
