import { expect, test, vi } from 'vitest'
import type { Request } from '../../src/lib/api/http.ts'
import { ARGON2ID } from '../../src/lib/crypto/argon2id.ts'
import { b64, unb64 } from '../../src/lib/crypto/bytes.ts'
import { CoreError } from '../../src/lib/core/errors.ts'
import type { Tamper } from './server.ts'
import { Browser, details, EMAIL, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

const LOGIN = { email: EMAIL, password: PASSWORD }

const at =
  (path: string, change: (answer: Record<string, unknown>) => unknown): Tamper =>
  ({ path: asked }: Request, answer) =>
    asked === path ? change(structuredClone(answer) as Record<string, unknown>) : answer

async function failure(work: Promise<unknown>): Promise<string> {
  const reason: unknown = await work.then(
    () => new Error('nothing failed'),
    (ex: unknown) => ex
  )
  if (!(reason instanceof CoreError)) throw reason as Error
  return reason.code
}

test('M01: a prelogin of any other suite, or with anything more, ends the login there', async () => {
  const { browser, accountKey } = await signedUp()
  const lies = [
    ...[0, 2, 255, '1', null, 1.5, true, [1]].map((suite) => ({ suite })),
    ...['m', 't', 'p', 'kdf', 'iterations'].map((key) => ({ [key]: 1 }))
  ]
  const wrong: ((answer: object) => object)[] = [
    ...lies.map((lie) => (answer: object) => ({ ...answer, ...lie })),
    (answer) => ({ ...answer, suite: undefined })
  ]

  for (const change of wrong) {
    const fresh = new Browser(browser.server)
    browser.server.requests.length = 0
    browser.server.tamper = at('/auth/prelogin', change)

    expect(await failure(fresh.core.entrance.logIn({ ...LOGIN, accountKey }))).toBe('broken')
    expect(browser.server.requests.map(({ path }) => path)).toEqual(['/auth/prelogin'])
    expect(fresh.derived).toBe(0)
  }
  expect(ARGON2ID).toEqual({ memoryKiB: 65_536, passes: 3, lanes: 4, length: 32 })
})

test('M03: a salt of another length or kind ends the login there', async () => {
  const { browser, accountKey } = await signedUp()
  const salts = [0, 1, 8, 15, 17, 32, 64].map((length) => b64(new Uint8Array(length)))

  for (const salt of [...salts, null, 16, '', 'A'.repeat(22), `${'A'.repeat(21)}=`, {}, []]) {
    const fresh = new Browser(browser.server)
    browser.server.requests.length = 0
    // 22 letters A are sixteen bytes: only that one may go on, to fail at the login
    browser.server.tamper = at('/auth/prelogin', (answer) => ({ ...answer, salt }))
    const code = await failure(fresh.core.entrance.logIn({ ...LOGIN, accountKey }))

    const right = salt === 'A'.repeat(22)
    expect(code).toBe(right ? 'wrong-credentials' : 'broken')
    expect(browser.server.requests).toHaveLength(right ? 2 : 1)
  }
})

test('M05: a key that is missing, empty or cut short is broken, and none is made in its place', async () => {
  const { browser, accountKey } = await signedUp()
  const cut = (value: unknown): string => b64(unb64(value).slice(0, -1))
  const changes: ((value: unknown) => unknown)[] = [
    () => null,
    () => undefined,
    () => '',
    () => 0,
    () => [],
    () => ({}),
    cut,
    () => b64(new Uint8Array(212))
  ]
  const random = vi.spyOn(crypto, 'getRandomValues')
  const generated = vi.spyOn(crypto.subtle, 'generateKey')

  for (const field of ['user_key', 'identity', 'idcert', 'keyring']) {
    for (const change of changes) {
      const fresh = new Browser(browser.server)
      const lie = (answer: Record<string, unknown>): unknown => {
        if (field !== 'keyring') return { ...answer, [field]: change(answer[field]) }
        const keyring = answer['keyring'] as { revision: string; blob: string }
        return { ...answer, keyring: { ...keyring, blob: change(keyring.blob) } }
      }
      browser.server.tamper = at('/auth/sessions', lie)
      browser.server.requests.length = 0

      expect(await failure(fresh.core.entrance.logIn({ ...LOGIN, accountKey }))).toBe('broken')
      expect(browser.server.requests).toHaveLength(2)
      expect(await fresh.core.entrance.status()).toEqual({ state: 'new' })
      expect(await failure(fresh.core.vaults.list())).toBe('refused')
    }
  }
  expect(random).not.toHaveBeenCalled()
  expect(generated).not.toHaveBeenCalled()
})

test('M14: a vault or an account that was rolled back is refused', async () => {
  const { browser } = await signedUp()
  const { id } = await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  const before = new Map<string, unknown>()
  browser.server.tamper = (request, answer) => (before.set(request.path, answer), answer)
  await browser.core.vaults.list()
  await rowsOf(browser, id)
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  browser.server.tamper = (_, answer) => answer
  await browser.core.vaults.list()
  await browser.core.vaults.save(id, null, overview('new'), details('x'))
  const old: Tamper = ({ method, path }, answer) => (method === 'GET' && before.get(path)) || answer

  for (const path of ['/api/account/vaults', '/api/account/keyring']) {
    browser.lock()
    browser.server.tamper = (request, answer) =>
      request.path === path ? old(request, answer) : answer
    const opening = async (): Promise<void> => {
      await browser.core.entrance.unlock({ password: PASSWORD })
      await browser.core.vaults.list()
    }
    expect(await failure(opening())).toBe('rollback')
  }
})

test('a login that brings an older keyring than this browser knows is refused', async () => {
  const { browser } = await signedUp()
  let old: unknown
  browser.server.tamper = at('/auth/sessions', (answer) => (old = answer))
  browser.lock()
  await browser.core.entrance.logIn(LOGIN)
  await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  browser.server.tamper = at('/auth/sessions', () => old)
  browser.lock()

  expect(await failure(browser.core.entrance.logIn(LOGIN))).toBe('rollback')
})

test('what lost a race is not shown in place of what won it', async () => {
  const { browser, accountKey } = await signedUp()
  const { id } = await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  const row = await browser.core.vaults.save(id, null, overview('one'), details('1'))
  const other = new Browser(browser.server)
  await other.core.entrance.logIn({ ...LOGIN, accountKey })
  await other.core.vaults.details(id, row.id)
  await browser.core.vaults.save(id, row.id, overview('won'), details('2'))
  browser.server.requests.length = 0
  expect(await failure(other.core.vaults.save(id, row.id, overview('lost'), details('3')))).toBe(
    'stale'
  )
  const sent = browser.server.requests.find(({ method }) => method === 'POST')
  const [lost] = (JSON.parse(sent?.body ?? '') as { blobs: object[] }).blobs

  // sealed under the right key, for the right secret and the right version; but never committed
  browser.server.tamper = ({ path }, answer) =>
    path.endsWith(row.id) ? { ...(answer as object), ...lost } : answer
  expect(await failure(browser.core.vaults.details(id, row.id))).toBe('altered')
})

test('a vault that the keyring knows and the list does not is missed', async () => {
  const { browser } = await signedUp()
  await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  browser.server.tamper = at('/api/account/vaults', (answer) => ({ ...answer, items: [] }))

  expect(await failure(browser.core.vaults.list())).toBe('rollback')
})

test('after an alarm nothing more is asked about that vault', async () => {
  const { browser } = await signedUp()
  const { id } = await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  const row = await browser.core.vaults.save(id, null, overview('one'), details('x'))
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  await browser.core.vaults.list()
  browser.server.tamper = ({ path }, answer) =>
    path.endsWith('secrets?since=0') ? { ...(answer as object), secrets: [] } : answer
  expect(await failure(rowsOf(browser, id))).toBe('altered')
  browser.server.requests.length = 0

  const { core } = browser
  const tries = [
    rowsOf(browser, id),
    core.vaults.details(id, row.id),
    core.vaults.save(id, null, overview('two'), details('y')),
    core.vaults.remove(id, [row.id]),
    core.vaults.restore(id, row.id)
  ]
  for (const one of tries) expect(await failure(one)).toBe('altered')
  expect(browser.server.requests).toEqual([])
})

test('M26: what the server says of versions and features changes nothing that is made', async () => {
  const features = { version: 99, suite: 0, min_version: '0', kdf: 'pbkdf2', encrypt: false }
  const { browser } = await signedUp()
  browser.server.tamper = ({ path }, answer) =>
    path.startsWith('/api/') ? { ...(answer as object), ...features } : answer
  const { id } = await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  await browser.core.vaults.save(id, null, overview('one'), details('x'))

  const sent = JSON.stringify(browser.server.requests.map(({ body }) => body))
  const heads = [...sent.matchAll(/"(?:overview|details|blob|profile)\\":\\"([\w-]{8})/g)].map(
    ([, head]) => [...unb64(head)].slice(0, 3)
  )
  expect(heads.length).toBeGreaterThanOrEqual(5)
  for (const head of heads) expect(head).toEqual([0x4b, 0x41, 1])
})
