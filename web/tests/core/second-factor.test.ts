/** Logging in, unlocking and setting up, with a second factor. */
import { expect, test } from 'vitest'
import { failure } from './failure.ts'
import { BACKUP_CODES, CODE } from './second-factors.ts'
import { Browser, EMAIL, PASSWORD, signedUp } from './world.ts'

async function guarded(): Promise<{ browser: Browser; accountKey: string }> {
  const made = await signedUp()
  made.browser.server.factors.totp = true
  return made
}

test('a login with a second factor opens nothing before its code', async () => {
  const { browser, accountKey } = await guarded()
  const fresh = new Browser(browser.server)

  const needed = await fresh.core.entrance.logIn({ email: EMAIL, password: PASSWORD, accountKey })

  expect(needed).toMatchObject({ methods: ['totp', 'backup-code'], expiresIn: 300 })
  expect(await fresh.core.entrance.status()).toEqual({ state: 'new' })
  expect(await failure(fresh.core.vaults.list())).toBe('refused')
  await fresh.core.entrance.proveCode(CODE)
  expect(await fresh.core.vaults.list()).toEqual([])
})

test('a wrong code may be followed by the right one, and the right one serves once', async () => {
  const { browser, accountKey } = await guarded()
  const { entrance } = new Browser(browser.server).core
  await entrance.logIn({ email: EMAIL, password: PASSWORD, accountKey })

  expect(await failure(entrance.proveCode('000000'))).toBe('wrong-code')
  await entrance.proveCode(CODE)

  expect(await failure(entrance.proveCode(CODE))).toBe('challenge-ended')
})

test('an unlock whose session is over asks for the second factor again', async () => {
  const { browser } = await guarded()
  browser.lock()
  browser.server.over = true

  const needed = await browser.core.entrance.unlock({ password: PASSWORD })

  expect(needed?.methods).toContain('totp')
  expect(await failure(browser.core.vaults.list())).toBe('refused')
  await browser.core.entrance.proveCode(CODE)
  expect(await browser.core.vaults.list()).toEqual([])
})

test('what asks for a second factor is read strictly', async () => {
  const { browser, accountKey } = await guarded()
  const lies = [
    { methods: ['sms'] },
    { methods: 'totp' },
    { methods: null },
    { challenge: null },
    { challenge: '' },
    { challenge: 'AAAA' },
    { passkeys: [1] },
    { passkeys: null },
    { passkeys: ['='] },
    { expires_in: '300' }
  ]
  for (const lie of lies) {
    browser.server.tamper = ({ path }, answer) =>
      path === '/auth/sessions' ? { ...(answer as object), ...lie } : answer
    const { entrance } = new Browser(browser.server).core

    const login = entrance.logIn({ email: EMAIL, password: PASSWORD, accountKey })

    expect(await failure(login), JSON.stringify(lie)).toBe('broken')
    expect(await failure(entrance.proveCode(CODE))).toBe('challenge-ended')
  }
})

test('the secret of an app is shown under our own name, whatever address the server made', async () => {
  const { browser } = await signedUp()

  const { secret, uri } = await browser.core.factors.beginTotp()

  const label = `KeyArc:${encodeURIComponent(EMAIL)}`.replace(':', '%3A')
  expect(uri).toBe(`otpauth://totp/${label}?secret=${secret}&issuer=KeyArc`)
  expect(await failure(browser.core.factors.confirmTotp('000000'))).toBe('wrong-code')
  expect(await browser.core.factors.confirmTotp(CODE)).toEqual(BACKUP_CODES)
  expect(await browser.core.factors.list()).toMatchObject({ totp: true, backupCodes: 10 })
})
