import { expect, test } from 'vitest'
import type { Request } from '../../src/lib/api/http.ts'
import { failure } from './failure.ts'
import type { Any } from './refusal.ts'
import { Browser, EMAIL, PASSWORD, signedUp } from './world.ts'

const LOGIN = { email: EMAIL, password: PASSWORD }
const WORK = { name: 'Work', description: '', icon: '' }
const PATH = '/api/account/keyring'

/** A browser that knows a vault, and the later keyring of a device that was never told of it. */
async function forked(): Promise<{ browser: Browser; keyring: Any }> {
  const { browser, accountKey } = await signedUp()
  const { server } = browser
  const honest = server.transport
  const saved: unknown[] = []
  server.transport = async (request: Request) => {
    if (request.method !== 'PUT' || request.path !== PATH) return honest(request)
    saved.push((JSON.parse(request.body ?? '') as Any)['blob'])
    const answer = { revision: String(saved.length + 1) }
    return { status: 200, retryAfter: null, text: JSON.stringify(answer) }
  }
  const other = new Browser(server)
  await other.core.entrance.logIn({ ...LOGIN, accountKey })
  for (const name of ['One', 'Two', 'Three']) await other.core.vaults.create({ ...WORK, name })
  server.transport = honest
  await browser.core.vaults.create(WORK)
  return { browser, keyring: { revision: String(saved.length + 1), blob: saved.at(-1) } }
}

test('M16: a login brings no keyring that forgot what this browser knew', async () => {
  const { browser, keyring } = await forked()
  const before = browser.device.record
  browser.lock()
  browser.server.tamper = ({ path }, answer) =>
    path === '/auth/sessions' ? { ...(answer as object), keyring } : answer

  expect(await failure(browser.core.entrance.logIn(LOGIN))).toBe('rollback')
  expect(browser.device.record).toEqual(before)
})

test('M16: nor does a session that goes on', async () => {
  const { browser, keyring } = await forked()
  const before = browser.device.record
  browser.lock()
  browser.server.tamper = ({ method, path }, answer) =>
    method === 'GET' && path === PATH ? keyring : answer

  expect(await failure(browser.core.entrance.unlock({ password: PASSWORD }))).toBe('rollback')
  expect(browser.device.record).toEqual(before)
})

test('M14: a login brings no identity from before the rotation that this browser knows', async () => {
  const { browser, accountKey } = await signedUp()
  let old: unknown
  browser.server.tamper = ({ path }, answer) =>
    path === '/auth/sessions' ? (old = answer) : answer
  const other = new Browser(browser.server)
  await other.core.entrance.logIn({ ...LOGIN, accountKey })
  const { salt } = old as Any
  await browser.core.proofs.prove({ password: PASSWORD })
  await browser.core.newKeys.makeRecoveryCode()
  await browser.core.newKeys.rotate()
  const { record } = browser.device
  if (record === null) throw new Error('nothing is kept')
  // as if another device, to which the rotation was not shown, had raised the keyset as well
  browser.device.record = { ...record, keyset: 1n, revision: 1n }
  browser.server.tamper = ({ path }, answer) => {
    if (path === '/auth/prelogin') return { ...(answer as object), salt }
    return answer
  }
  const honest = browser.server.transport
  browser.server.transport = async (request) =>
    request.path === '/auth/sessions'
      ? { status: 200, retryAfter: null, text: JSON.stringify(old) }
      : honest(request)
  browser.lock()

  expect(await failure(browser.core.entrance.logIn(LOGIN))).toBe('rollback')
})
