import { beforeEach, expect, test } from 'vitest'
import { hashAuditRow, NO_ROWS } from '../../src/lib/crypto/audit.ts'
import { fromHex, hex } from '../../src/lib/crypto/bytes.ts'
import { failure } from './failure.ts'
import type { Any } from './refusal.ts'
import { type Browser, details, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

let browser: Browser
let vaultId: string

beforeEach(async () => {
  ;({ browser } = await signedUp())
  vaultId = (await browser.core.vaults.create({ name: 'Work', description: '', icon: 'key' })).id
})

const save = (name: string, value: string): Promise<string> =>
  browser.core.vaults.save(vaultId, null, overview(name), details(value)).then((row) => row.id)

test('an access log that was changed, cut or begun anew is refused, and nothing is opened', async () => {
  const id = await save('KEY', 'one')
  for (let n = 0; n < 3; n++) await browser.core.vaults.details(vaultId, id)
  await rowsOf(browser, vaultId)
  const lies: ((answer: Any) => Any)[] = [
    (answer) => ({ ...answer, items: [] }),
    (answer) => ({ ...answer, items: (answer['items'] as Any[]).slice(1) }),
    (answer) => ({
      ...answer,
      items: (answer['items'] as Any[]).map((row) => ({ ...row, action: 'secret.used' }))
    }),
    (answer) => ({
      ...answer,
      items: (answer['items'] as Any[]).map((row) => ({ ...row, address: '198.51.100.1' }))
    }),
    (answer) => ({
      ...answer,
      items: (answer['items'] as Any[]).map((row) => ({ ...row, salt: null }))
    })
  ]

  for (const lie of lies) {
    browser.lock()
    await browser.core.entrance.unlock({ password: PASSWORD })
    await browser.core.vaults.list()
    await browser.core.vaults.details(vaultId, id)
    browser.server.tamper = ({ path }, answer) =>
      path.includes('/audit?') ? lie(answer as Any) : answer
    expect(await failure(rowsOf(browser, vaultId))).toBe('audit-broken')
    expect(await failure(browser.core.log.read(vaultId))).toBe('audit-broken')
    browser.server.tamper = (_, answer) => answer
  }
})

test('a head of the access log that falls is refused', async () => {
  const id = await save('KEY', 'one')
  await browser.core.vaults.details(vaultId, id)
  await rowsOf(browser, vaultId)
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  browser.server.tamper = ({ path }, answer) =>
    path.includes('/secrets?')
      ? { ...(answer as Any), audit: { ...((answer as Any)['audit'] as Any), seq: '0' } }
      : answer

  expect(await failure(rowsOf(browser, vaultId))).toBe('audit-broken')
})

test('an action longer than any is broken', async () => {
  await browser.core.vaults.details(vaultId, await save('KEY', 'one'))
  browser.server.tamper = ({ path }, answer) => {
    if (!path.includes('/audit?')) return answer
    const items = (answer as Any)['items'] as Any[]
    return {
      ...(answer as Any),
      items: items.map((row) => ({ ...row, action: 'x'.repeat(65536) }))
    }
  }

  expect(await failure(rowsOf(browser, vaultId))).toBe('broken')
})

test('a row of the access log hashes as both clients and the database have it', async () => {
  const row = {
    seq: 1n,
    atMs: 1_790_000_000_123n,
    action: 'secret.read',
    userId: '00112233-4455-4677-8899-aabbccddeeff',
    sessionId: null,
    origin: fromHex('ab'.repeat(32)),
    objectIds: ['0f0e0d0c-0b0a-4908-8706-050403020100'],
    address: null,
    salt: null
  }

  const hash = await hashAuditRow('ffeeddcc-bbaa-4988-8766-554433221100', NO_ROWS.hash, row)

  expect(hex(hash)).toBe('db6993bb5a181bcf4b05eaa2e4574698620ac692b4d0e73165125ffdbe24ed0b')
})
