import { beforeEach, expect, test } from 'vitest'
import { Offline } from '../../src/lib/api/http.ts'
import { b64 } from '../../src/lib/crypto/bytes.ts'
import { Browser, details, EMAIL, names, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

let browser: Browser
let accountKey: string
let vaultId: string

beforeEach(async () => {
  ;({ browser, accountKey } = await signedUp())
  vaultId = (await browser.core.vaults.create({ name: 'Work', description: '', icon: 'key' })).id
})

async function second(): Promise<Browser> {
  const other = new Browser(browser.server)
  await other.core.entrance.logIn({ email: EMAIL, password: PASSWORD, accountKey })
  return other
}

test('a secret that was saved is there after locking, and for another browser', async () => {
  const row = await browser.core.vaults.save(vaultId, null, overview('token'), details('s3cret'))

  browser.lock()
  expect(await browser.core.entrance.status()).toMatchObject({ state: 'locked', email: EMAIL })
  await browser.core.entrance.unlock({ password: PASSWORD })
  const other = await second()

  for (const one of [browser, other]) {
    expect(names(await rowsOf(one, vaultId))).toEqual(['token'])
    expect(await one.core.vaults.details(vaultId, row.id)).toEqual(details('s3cret'))
  }
  expect(await other.core.vaults.list()).toMatchObject([
    { id: vaultId, name: 'Work', head: { seq: '2' } }
  ])
})

test('nothing that leaves the browser holds a readable word', async () => {
  await browser.core.vaults.save(vaultId, null, overview('canary-name'), details('canary-value'))

  const sent = browser.server.requests.map(({ body }) => body).join()
  for (const word of ['canary', 'Work', PASSWORD, accountKey, accountKey.replaceAll('-', '')]) {
    expect(sent).not.toContain(word)
    expect(sent).not.toContain(b64(new TextEncoder().encode(word)))
  }
})

test('a second version, a removal and its undoing follow each other', async () => {
  const { id } = await browser.core.vaults.save(vaultId, null, overview('one'), details('1'))
  const other = await browser.core.vaults.save(vaultId, null, overview('two'), details('2'))

  expect(await browser.core.vaults.save(vaultId, id, overview('uno'), details('11'))).toMatchObject(
    {
      version: '2'
    }
  )
  await browser.core.vaults.remove(vaultId, [id, other.id])
  expect(await rowsOf(browser, vaultId)).toEqual([])
  expect(await browser.core.vaults.restore(vaultId, id)).toMatchObject({ version: '4' })
  expect(await browser.core.vaults.details(vaultId, id)).toEqual(details('11'))

  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  expect(await browser.core.vaults.restore(vaultId, other.id)).toMatchObject({ version: '3' })
  expect(names(await rowsOf(browser, vaultId))).toEqual(['two', 'uno'])
})

test('writers who race are all heard', async () => {
  const others = [browser, await second(), await second()]
  for (const one of others) await rowsOf(one, vaultId)

  await Promise.all(
    others.flatMap((one, i) =>
      [1, 2, 3].map((n) =>
        one.core.vaults.save(vaultId, null, overview(`${String(i)}-${String(n)}`), details('x'))
      )
    )
  )

  for (const one of others) expect(await rowsOf(one, vaultId)).toHaveLength(9)
})

test('what another browser changed meanwhile is not overwritten', async () => {
  const { id } = await browser.core.vaults.save(vaultId, null, overview('one'), details('1'))
  const other = await second()
  await rowsOf(other, vaultId)
  await browser.core.vaults.save(vaultId, id, overview('one'), details('2'))

  await expect(
    other.core.vaults.save(vaultId, id, overview('one'), details('3'))
  ).rejects.toMatchObject({
    code: 'stale'
  })
  expect(await other.core.vaults.details(vaultId, id)).toEqual(details('2'))
})

test('an edit of an older version is refused even where the newer one has been seen', async () => {
  const { id, version } = await browser.core.vaults.save(
    vaultId,
    null,
    overview('one'),
    details('1')
  )
  const other = await second()
  await rowsOf(other, vaultId)
  await browser.core.vaults.save(vaultId, id, overview('one'), details('2'))
  await rowsOf(other, vaultId)

  for (let tried = 0; tried < 2; tried++) {
    await expect(
      other.core.vaults.save(vaultId, id, overview('one'), details('3'), version)
    ).rejects.toMatchObject({ code: 'stale' })
  }
  expect(await other.core.vaults.details(vaultId, id)).toEqual(details('2'))
})

test('an answer that was lost is asked for again, and the secret stands once', async () => {
  let lost = false
  browser.server.tamper = (request, answer) => {
    if (lost || !request.path.endsWith('/commits')) return answer
    lost = true
    throw new Offline('no answer')
  }

  const row = await browser.core.vaults.save(vaultId, null, overview('once'), details('x'))

  expect(lost).toBe(true)
  expect([row]).toMatchObject(await rowsOf(browser, vaultId))
})

test('without an answer the core says offline, and goes on when there is one', async () => {
  browser.lock()
  browser.server.tamper = () => {
    throw new Offline('no answer')
  }

  await browser.core.entrance.unlock({ password: PASSWORD })
  await expect(browser.core.vaults.list()).rejects.toMatchObject({ code: 'offline' })
  browser.server.tamper = (_, answer) => answer
  expect(await browser.core.vaults.list()).toHaveLength(1)
})

test('a wrong password stays here, and says so', async () => {
  browser.lock()
  const before = browser.server.requests.length

  await expect(
    browser.core.entrance.unlock({ password: 'another password' })
  ).rejects.toMatchObject({
    code: 'wrong-password'
  })
  const sent = browser.server.requests.slice(before)
  expect(sent.every(({ method }) => method === 'GET')).toBe(true)
  expect((await browser.core.entrance.status()).state).toBe('locked')
})
