import { expect, test } from 'vitest'
import { Browser, details, names, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

test('what others wrote is shown though the list of vaults had followed it before', async () => {
  const { browser } = await signedUp()
  const { id } = await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  const kept = await browser.core.vaults.save(id, null, overview('A'), details('a'))
  const gone = await browser.core.vaults.save(id, null, overview('B'), details('b'))
  await rowsOf(browser, id)
  const other = new Browser(browser.server, browser.device)
  await other.core.entrance.unlock({ password: PASSWORD })
  await other.core.vaults.save(id, kept.id, overview('A2'), details('a2'))
  await other.core.vaults.remove(id, [gone.id])
  await browser.core.vaults.list()

  expect(names(await rowsOf(browser, id))).toEqual(['A2'])
  const { fields } = await browser.core.vaults.details(id, kept.id)
  expect(fields[0]?.value).toBe('a2')
  await browser.core.vaults.list()
  const row = await browser.core.vaults.save(id, null, overview('C'), details('c'))
  expect(names(await rowsOf(browser, id))).toEqual(['A2', row.overview.name])
})

test('one may write at once what the list of vaults has followed to', async () => {
  const { browser } = await signedUp()
  const { id } = await browser.core.vaults.create({ name: 'Work', description: '', icon: '' })
  await rowsOf(browser, id)
  const other = new Browser(browser.server, browser.device)
  await other.core.entrance.unlock({ password: PASSWORD })
  await other.core.vaults.save(id, null, overview('A'), details('a'))
  await browser.core.vaults.list()
  await browser.core.vaults.save(id, null, overview('B'), details('b'))

  expect(names(await rowsOf(browser, id))).toEqual(['A', 'B'])
})
