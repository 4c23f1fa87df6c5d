import { beforeEach, expect, test } from 'vitest'
import { failure } from './failure.ts'
import type { Any } from './refusal.ts'
import { type Browser, details, names, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

let browser: Browser
let vaultId: string

beforeEach(async () => {
  ;({ browser } = await signedUp())
  vaultId = (await browser.core.vaults.create({ name: 'Work', description: '', icon: 'key' })).id
})

const save = (name: string, value: string, id: string | null = null): Promise<string> =>
  browser.core.vaults.save(vaultId, id, overview(name), details(value)).then((row) => row.id)

test('every version has its author and its moment, and opens as it was', async () => {
  const id = await save('KEY', 'one')
  await save('KEY', 'two', id)
  await browser.core.vaults.remove(vaultId, [id])

  const { versions, names } = await browser.core.versions.list(vaultId, id)
  const first = await browser.core.versions.read(vaultId, id, '1')

  expect(versions.map(({ version, seq, deleted }) => [version, seq, deleted])).toEqual([
    ['3', '4', true],
    ['2', '3', false],
    ['1', '2', false]
  ])
  const [{ author, timeMs } = { author: '', timeMs: 0 }] = versions
  expect(names[author]).toEqual({ text: 'someone@example.com', by: 'you' })
  expect(Math.abs(Date.now() - timeMs)).toBeLessThan(60_000)
  expect(first.details.fields[0]?.value).toBe('one')
})

test('a version that was exchanged for another one is refused', async () => {
  const id = await save('KEY', 'one')
  await save('KEY', 'two', id)
  let second: unknown
  browser.server.tamper = ({ path }, answer) =>
    path.endsWith('/versions/2') ? (second = answer) : answer
  await browser.core.versions.read(vaultId, id, '2')
  const other = second as Any
  browser.server.tamper = ({ path }, answer) =>
    path.endsWith('/versions/1') ? { ...(answer as Any), details: other['details'] } : answer

  expect(await failure(browser.core.versions.read(vaultId, id, '1'))).toBe('altered')
})

test('restoring puts old content on top, and never over what was not seen', async () => {
  const id = await save('KEY', 'one')
  await save('KEY', 'two', id)

  expect(await failure(browser.core.versions.restore(vaultId, id, '1', '1'))).toBe('stale')
  const row = await browser.core.versions.restore(vaultId, id, '1', '2')

  expect(row.version).toBe('3')
  expect(await browser.core.vaults.details(vaultId, id)).toEqual(details('one'))
})

test('what was deleted waits in the trash until it is restored or purged', async () => {
  const [kept, gone] = [await save('KEPT', 'a'), await save('GONE', 'b')]
  await browser.core.vaults.remove(vaultId, [kept, gone])
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })

  const { rows } = await browser.core.versions.trash(vaultId)
  await browser.core.versions.restore(vaultId, kept, '1', null)
  await browser.core.versions.purge(vaultId, gone)
  const after = await browser.core.versions.trash(vaultId)

  expect(rows.map((row) => row.overview?.name).sort()).toEqual(['GONE', 'KEPT'])
  expect(after.rows).toMatchObject([{ id: gone, overview: null, purged: true }])
  expect(await failure(browser.core.versions.restore(vaultId, gone, '1', null))).toBe('purged')
  expect(names(await rowsOf(browser, vaultId))).toEqual(['KEPT'])
})

test('nothing is signed on a deletion that the history numbers otherwise', async () => {
  const id = await save('GONE', 'a')
  await browser.core.vaults.remove(vaultId, [id])
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  const deleted = [{ secret_id: id, version: '7', seq: '3' }]
  browser.server.tamper = ({ path }, answer) =>
    path.includes('/secrets?') ? { ...(answer as Any), deleted } : answer

  expect(await failure(browser.core.versions.restore(vaultId, id, '1', null))).toBe('altered')
})

test('what lists showed is refused where it is not what the history names', async () => {
  const ids = [await save('A', 'a'), await save('B', 'b')]
  await browser.core.vaults.remove(vaultId, ids)
  browser.server.tamper = ({ path }, answer) => {
    if (!path.endsWith('/versions/overviews')) return answer
    const [a, b] = (answer as { items: Any[] }).items
    return { items: [{ ...a, overview: b?.['overview'] }, b] }
  }

  expect(await failure(browser.core.versions.trash(vaultId))).toBe('altered')
})

test('a secret that is live cannot be purged', async () => {
  const id = await save('KEY', 'one')

  expect(await failure(browser.core.versions.purge(vaultId, id))).toBe('stale')
})

test('a vault is shown as it stood after any change', async () => {
  const id = await save('OLD', 'one')
  await save('NEW', 'two', id)
  await save('OTHER', 'x')
  await browser.core.vaults.remove(vaultId, [id])

  const shown = async (seq: string): Promise<(string | undefined)[]> => {
    const { rows } = await browser.core.versions.at(vaultId, seq)
    return rows.map((row) => row.overview?.name).sort()
  }

  expect(await shown('1')).toEqual([])
  expect(await shown('2')).toEqual(['OLD'])
  expect(await shown('4')).toEqual(['NEW', 'OTHER'])
  expect(await shown('5')).toEqual(['OTHER'])
  expect(await failure(browser.core.versions.at(vaultId, '6'))).toBe('refused')
})

test('the log tells signed changes, and accesses with who and from where', async () => {
  const id = await save('KEY', 'one')
  await browser.core.vaults.details(vaultId, id)
  await browser.core.vaults.remove(vaultId, [id])

  const log = await browser.core.log.read(vaultId)

  expect(log.changes.map(({ seq, deeds }) => [seq, deeds.map(({ did }) => did)])).toEqual([
    ['1', ['created', 'described']],
    ['2', ['added']],
    ['3', ['deleted']]
  ])
  expect(log.accesses).toMatchObject([
    { seq: '1', action: 'secret.read', objectIds: [id], address: '192.0.2.7' }
  ])
  expect(log.secrets[id]).toBe('KEY')
})

test('an import of many secrets is one change, of which some are named', async () => {
  const ids = [await save('A', '1'), await save('B', '2')]
  for (let n = 0; n < 5; n++) ids.push(await save(String(n), 'x'))
  await browser.core.vaults.remove(vaultId, ids)

  const { changes } = await browser.core.log.read(vaultId)

  expect(changes.at(-1)?.deeds).toEqual([{ did: 'deleted', secretIds: ids.slice(0, 5), count: 7 }])
})

test('a look at what did not change is answered by its name alone', async () => {
  await save('KEY', 'one')
  await rowsOf(browser, vaultId)
  await rowsOf(browser, vaultId)
  browser.server.requests.length = 0

  expect(names(await rowsOf(browser, vaultId))).toEqual(['KEY'])

  expect(browser.server.requests).toMatchObject([{ etag: expect.any(String) as string }])
})

test('a check of everything says what it checked', async () => {
  const id = await save('KEY', 'one')
  await save('KEY', 'two', id)
  await browser.core.vaults.details(vaultId, id)
  const steps: number[] = []

  const verified = await browser.core.log.verify(vaultId, (done) => steps.push(done))

  expect(verified).toMatchObject({
    head: { seq: '3' },
    changes: 3,
    authors: 1,
    members: 1,
    secrets: 1,
    epochs: 1,
    accesses: 2
  })
  expect(verified.hash).toMatch(/^[\w-]{43}$/)
  expect(steps).toEqual([0])
})

test('a check of everything finds an old change that the server rewrote', async () => {
  const id = await save('KEY', 'one')
  await save('KEY', 'two', id)
  await rowsOf(browser, vaultId)
  browser.server.tamper = ({ path }, answer) => {
    if (!path.endsWith('/commits?after=0')) return answer
    const [first, second, third] = (answer as { items: Any[] }).items
    return { items: [first, { ...second, signature: third?.['signature'] }, third], next: null }
  }

  expect(await failure(browser.core.log.verify(vaultId, () => undefined))).toBe('fork')
})

test('when a secret was last used is told with who it was', async () => {
  const id = await save('KEY', 'one')

  const uses = await browser.core.versions.uses(vaultId)

  expect(uses[id]).toMatchObject({
    atMs: Date.parse('2030-01-01T00:00:00Z'),
    by: { text: 'someone@example.com', by: 'you' }
  })
})
