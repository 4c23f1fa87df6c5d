/** Passkeys: what they open, on which browser, and what never leaves it. */
import { expect, test, vi } from 'vitest'
import { b64, type Bytes, unb64 } from '../../src/lib/crypto/bytes.ts'
import { Offline } from '../../src/lib/api/http.ts'
import { failure } from './failure.ts'
import { CHALLENGE } from './second-factors.ts'
import { Browser, EMAIL, PASSWORD, signedUp } from './world.ts'

const ID = b64(new Uint8Array(16).fill(5))
const PRF = new Uint8Array(32).fill(9)
const OTHER_PRF = new Uint8Array(32).fill(8)

const answered = (prf: Bytes | null = PRF) => ({ id: ID, credential: { id: ID }, prf })

async function withPasskey(prf: Bytes | null = PRF): Promise<Browser> {
  const { browser } = await signedUp()
  const { challenge } = await browser.core.factors.beginPasskey()
  await browser.core.factors.addPasskey({ challenge, name: 'Laptop', credential: { id: ID }, prf })
  return browser
}

async function touch(browser: Browser, prf: Bytes | null = PRF): Promise<void> {
  await browser.core.passkeyLogin.ask()
  await browser.core.passkeyLogin.enter(answered(prf))
}

test('a passkey unlocks what this browser keeps, without a new session', async () => {
  const browser = await withPasskey()
  browser.lock()
  const { derived } = browser
  browser.server.requests.length = 0

  const asked = await browser.core.passkeyLogin.ask()
  await browser.core.passkeyLogin.enter(answered())

  expect(asked).toMatchObject({ challenge: CHALLENGE, passkeys: [ID] })
  expect(await browser.core.vaults.list()).toEqual([])
  expect(browser.derived).toBe(derived)
  const paths = browser.server.requests.map(({ path }) => path)
  expect(paths).toContain('/api/account/keyring')
  expect(paths).not.toContain('/auth/passkey-sessions')
})

test('when the session is over, the same touch begins another', async () => {
  const browser = await withPasskey()
  browser.lock()
  browser.server.over = true

  await touch(browser)

  expect(browser.server.over).toBe(false)
  expect(await browser.core.vaults.list()).toEqual([])
})

test('without a connection a passkey still opens what this browser keeps', async () => {
  const browser = await withPasskey()
  browser.server.transport = () => Promise.reject(new Offline('no answer'))
  browser.lock()

  await touch(browser)

  expect(await browser.core.entrance.status()).toMatchObject({ state: 'open', email: EMAIL })
})

test('a browser that knows nothing logs in by a touch, and asks for the account key later', async () => {
  const { server } = await withPasskey()
  const fresh = new Browser(server)

  await touch(fresh)

  expect(await fresh.core.vaults.list()).toEqual([])
  expect(await fresh.core.entrance.status()).toMatchObject({ email: EMAIL })
  fresh.lock()
  expect(await fresh.core.entrance.status()).toMatchObject({ keyed: false, passkeys: 1 })
  const unlocked = fresh.core.entrance.unlock({ password: PASSWORD })
  expect(await failure(unlocked)).toBe('account-key-needed')
})

test('the account key that was typed after a login by passkey is remembered', async () => {
  const { browser, accountKey } = await signedUp()
  const { challenge } = await browser.core.factors.beginPasskey()
  const passkey = { challenge, name: 'Phone', credential: { id: ID }, prf: PRF }
  await browser.core.factors.addPasskey(passkey)
  const fresh = new Browser(browser.server)
  await touch(fresh)
  fresh.lock()

  await fresh.core.entrance.unlock({ password: PASSWORD, accountKey })

  fresh.lock()
  expect(await fresh.core.entrance.unlock({ password: PASSWORD })).toBeNull()
})

test('a passkey that gives no key, or another one, opens nothing', async () => {
  for (const [prf, code] of [
    [null, 'passkey-cannot-open'],
    [OTHER_PRF, 'passkey-cannot-open'],
    [PRF.slice(1), 'passkey-cannot-open']
  ] as const) {
    const browser = await withPasskey()
    browser.lock()

    expect(await failure(touch(browser, prf))).toBe(code)
    expect(await failure(browser.core.vaults.list())).toBe('refused')
  }
})

test('a passkey that does not unlock leaves no session behind', async () => {
  const { server } = await withPasskey(null)
  const fresh = new Browser(server)
  server.requests.length = 0

  expect(await failure(touch(fresh))).toBe('passkey-cannot-open')

  expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/auth/sessions/current' })
  expect(await fresh.core.entrance.status()).toEqual({ state: 'new' })
})

test('a passkey that gives no key begins no session', async () => {
  const { server } = await withPasskey()
  const fresh = new Browser(server)
  server.requests.length = 0

  expect(await failure(touch(fresh, null))).toBe('passkey-cannot-open')

  expect(server.requests.map(({ path }) => path)).toEqual(['/auth/passkey-sessions/options'])
})

test('a passkey is let unlock later, by a touch', async () => {
  const browser = await withPasskey(null)
  expect((await browser.core.factors.list()).passkeys).toMatchObject([{ unlocks: false }])

  await browser.core.factors.letUnlock({ id: ID, prf: PRF })

  expect((await browser.core.factors.list()).passkeys).toMatchObject([{ unlocks: true }])
  browser.lock()
  await touch(browser)
  expect(await browser.core.vaults.list()).toEqual([])
})

test('a passkey that was removed unlocks here no more', async () => {
  const browser = await withPasskey()
  await browser.core.factors.removePasskey(ID)
  await browser.core.factors.list()
  browser.lock()

  expect(await browser.core.entrance.status()).toMatchObject({ passkeys: 0 })
  expect(await failure(touch(browser))).toBe('wrong-code')
})

test('neither what a passkey gives nor what it opens is ever sent', async () => {
  const browser = await withPasskey()
  browser.lock()
  browser.server.over = true
  await touch(browser)

  const sent = JSON.stringify(browser.server.requests)
  expect(sent).not.toContain(b64(PRF))
  expect(sent).not.toContain(String(PRF))
})

test('M05: a key by passkey that is missing, empty or cut short opens nothing and makes none', async () => {
  const { server } = await withPasskey()
  const cut = (value: unknown): string => b64(unb64(value).slice(0, -1))
  const changes: ((value: unknown) => unknown)[] = [
    () => undefined,
    () => null,
    () => '',
    () => 0,
    () => ({}),
    cut,
    () => b64(new Uint8Array(212))
  ]
  const random = vi.spyOn(crypto, 'getRandomValues')
  const generated = vi.spyOn(crypto.subtle, 'generateKey')

  for (const field of ['user_key', 'credential_id', 'keyset']) {
    for (const change of changes) {
      const fresh = new Browser(server)
      server.tamper = ({ path }, answer) => {
        if (path !== '/auth/passkey-sessions') return answer
        const { passkey } = answer as { passkey: Record<string, unknown> }
        const changed = { ...passkey, [field]: change(passkey[field]) }
        return { ...(answer as object), passkey: changed }
      }
      const code = await failure(touch(fresh))

      expect(['broken', 'passkey-cannot-open'], field).toContain(code)
      expect(await fresh.core.entrance.status()).toEqual({ state: 'new' })
    }
  }
  expect(random).not.toHaveBeenCalled()
  expect(generated).not.toHaveBeenCalled()
})

test('a passkey of another account does not take the place of this one', async () => {
  const browser = await withPasskey()
  const someone = await withPasskey()
  browser.lock()
  browser.server.over = true
  const other = someone.server.transport
  const { transport } = browser.server
  browser.server.transport = (request) =>
    request.path === '/auth/passkey-sessions' ? other(request) : transport(request)
  browser.lock()

  expect(await failure(touch(browser))).toBe('wrong-credentials')
  expect(await failure(browser.core.vaults.list())).toBe('refused')
})
