/** Days go to the server after the change that says so, and are told again where it has others. */
import { beforeEach, expect, test } from 'vitest'
import type { Overview } from '../../src/lib/core/index.ts'
import { Days } from './days.ts'
import { type Browser, details, overview, signedUp } from './world.ts'

let browser: Browser
let server: Days
let vaultId: string

beforeEach(async () => {
  ;({ browser } = await signedUp())
  server = new Days(browser.server)
  browser.lock()
  await browser.core.entrance.unlock({ password: 'correct horse battery staple' })
  vaultId = (await browser.core.vaults.create({ name: 'Work', description: '', icon: 'key' })).id
})

function reminding(known: Partial<Overview> = {}): Overview {
  return { ...overview('A'), expires_at: '2030-01-31', reminder: 31, ...known }
}

const place = (index: number, name: string): [number, string] => [index, name]

function save(id: string | null, known: Partial<Overview> = {}) {
  return browser.core.vaults.save(vaultId, id, reminding(known), details('1'))
}

test('only a day that becomes another is told', async () => {
  const { id, told } = await save(null)
  await save(id, { provider: 'example' })
  await browser.core.vaults.save(vaultId, null, overview('B'), details('2'))

  expect([told, server.asked, [...server.days]]).toEqual([
    true,
    ['PUT reminders'],
    [[id, '2029-12-31']]
  ])

  await save(id, { reminder: 1 })
  await save(id, { expires_at: null })

  expect(server.asked.slice(1)).toEqual(['PUT reminders', 'PUT reminders'])
  expect(server.days.size).toBe(0)
})

test('what is restored is told of again', async () => {
  const { id } = await save(null)
  await browser.core.vaults.remove(vaultId, [id])
  server.days.clear() // as the server does by itself where a secret is removed

  await browser.core.vaults.restore(vaultId, id)

  expect([...server.days]).toEqual([[id, '2029-12-31']])
})

test('a change whose day was not told is kept and told later', async () => {
  server.status = 503
  const { id, told } = await save(null)
  const { rows, untold } = await browser.core.reminders.due()
  server.status = null
  const again = await browser.core.reminders.due()

  expect([told, untold, again.untold]).toEqual([false, ['Work'], []])
  expect(rows).toMatchObject([{ vault: 'Work', row: { id }, reminder: '2029-12-31' }])
  expect([...server.days]).toEqual([[id, '2029-12-31']])
})

test('numbers that mean no day are read, and stop no list', async () => {
  const { id } = await save(null, { reminder: -1, rotate_days: -1, expires_at: 'soon' })

  expect((await browser.core.reminders.due()).rows).toEqual([])
  expect(await browser.core.vaults.details(vaultId, id)).toEqual(details('1'))
})

test('a day that nobody signed is taken away', async () => {
  const { id } = await save(null, { reminder: null })
  server.days.set(id, '2031-01-01').set('6c6f6e67-2069-4420-8000-000000000001', '2031-01-01')

  await browser.core.reminders.due()

  expect(server.days.size).toBe(0)
})

test('what is no day is not believed', async () => {
  const { id } = await save(null)
  server.days.set(id, '2030-1-1')

  expect((await browser.core.reminders.due()).untold).toEqual(['Work'])
})

test('all vaults are listed together, the first day first', async () => {
  const other = await browser.core.vaults.create({ name: 'Home', description: '', icon: 'key' })
  await save(null)
  await save(null, { name: 'B', expires_at: null, rotate_days: 1, rotated_at: '0' })
  await browser.core.vaults.save(other.id, null, reminding({ name: 'C' }), details('3'))
  await browser.core.vaults.save(other.id, null, overview('D'), details('4'))

  const { rows } = await browser.core.reminders.due()

  expect(rows.map(({ vault, row, due }) => [vault, row.overview.name, due])).toEqual([
    ['Work', 'B', { day: '1970-01-02', why: 'rotate' }],
    ['Home', 'C', { day: '2030-01-31', why: 'expires' }],
    ['Work', 'A', { day: '2030-01-31', why: 'expires' }]
  ])
})

test('letters are switched off and on', async () => {
  await browser.core.reminders.switch(false)
  expect(server.letters).toBe(false)
  await browser.core.reminders.switch(true)
  expect(server.letters).toBe(true)
})

test('a link hands over the chosen fields, as often as it says, and the log tells of it', async () => {
  const fields = ['one', 'two', 'three'].map((name) => ({
    name,
    value: `${name}!`,
    concealed: true
  }))
  const content = { ...details('1'), fields, notes: 'kept' }
  const { id } = await browser.core.vaults.save(vaultId, null, overview('A'), content)

  const secret = await browser.core.oneTimeLinks.share(
    { vaultId, secretId: id, fields: [place(0, 'one'), place(2, 'three')], notes: false },
    { reads: 2, hours: 1 }
  )

  browser.lock() // whoever opens it needs no account
  const links = browser.core.oneTimeLinks
  expect(await links.look(secret)).toMatchObject({ readsLeft: 2 })
  expect(await links.read(secret)).toEqual({
    message: { name: 'A', fields: [fields[0], fields[2]], notes: '' },
    readsLeft: 1
  })
  expect((await links.read(secret)).readsLeft).toBe(0)
  await expect(links.look(secret)).rejects.toMatchObject({ code: 'link-over' })
  expect(server.purposes).toEqual(['export'])
})

test('a field that nobody chose is handed to nobody', async () => {
  const { id } = await browser.core.vaults.save(vaultId, null, overview('A'), details('1'))
  const share = (...fields: [number, string][]) =>
    browser.core.oneTimeLinks.share(
      { vaultId, secretId: id, fields, notes: false },
      { reads: 1, hours: 1 }
    )

  const { fields } = details('1')
  for (const wrong of [place(0, 'moved'), place(fields.length, 'value')]) {
    await expect(share(wrong)).rejects.toMatchObject({ code: 'stale' })
  }

  expect(await browser.core.oneTimeLinks.list()).toEqual([])
})

test('a link is taken back', async () => {
  const message = { name: 'A', fields: [{ name: 'v', value: '1', concealed: true }], notes: '' }
  const secret = await browser.core.oneTimeLinks.make(message, { reads: 1, hours: 1 })
  const [link] = await browser.core.oneTimeLinks.list()

  await browser.core.oneTimeLinks.remove(link?.id ?? '')

  await expect(browser.core.oneTimeLinks.read(secret)).rejects.toMatchObject({ code: 'link-over' })
  expect(await browser.core.oneTimeLinks.list()).toEqual([])
})
