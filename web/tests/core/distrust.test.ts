/** Each lie about public data has its own name, and nothing is asked of the vault afterwards. */
import { beforeEach, expect, test } from 'vitest'
import { failure } from './failure.ts'
import type { Any } from './refusal.ts'
import { Browser, details, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

type Lie = (answer: Any, path: string) => Any

let browser: Browser
let vaultId: string

beforeEach(async () => {
  ;({ browser } = await signedUp())
  vaultId = (await browser.core.vaults.create({ name: 'Work', description: '', icon: 'key' })).id
  for (const name of ['A', 'B']) {
    await browser.core.vaults.save(vaultId, null, overview(name), details(name))
  }
  await rowsOf(browser, vaultId)
})

/** What another tab writes meanwhile, and what this one then makes of a lie. */
async function toldAfterAChange(lie: Lie): Promise<string> {
  const other = new Browser(browser.server, browser.device)
  await other.core.entrance.unlock({ password: PASSWORD })
  await other.core.vaults.save(vaultId, null, overview('C'), details('C'))
  browser.server.tamper = ({ path }, answer) =>
    path.startsWith('/api/keys/') ? lie(structuredClone(answer) as Any, path) : answer
  const told = await failure(rowsOf(browser, vaultId))
  browser.server.requests.length = 0
  expect(await failure(rowsOf(browser, vaultId))).toBe(told)
  expect(browser.server.requests).toEqual([])
  return told
}

const inList =
  (change: (answer: Any) => Any): Lie =>
  (answer, path) =>
    path.includes('/secrets?') ? change(answer) : answer

const inCommits =
  (change: (commits: Any[]) => Any[]): Lie =>
  (answer, path) =>
    path.includes('/commits?') ? { ...answer, items: change(answer['items'] as Any[]) } : answer

test('M14: an older head than this tab has seen is a rollback', async () => {
  const older = { seq: '2', hash: 'A'.repeat(43), state: 'A'.repeat(43) }

  expect(await toldAfterAChange(inList((answer) => ({ ...answer, head: older })))).toBe('rollback')
})

test('M16: another head of the same number is a fork', async () => {
  const lie = inList((answer) => ({
    ...answer,
    head: { ...(answer['head'] as Any), hash: 'A'.repeat(43) }
  }))

  expect(await toldAfterAChange(lie)).toBe('fork')
})

test('M12: a change without its secret, or a secret without its change, is an altered list', async () => {
  const drop = inList((answer) => ({ ...answer, secrets: [] }))

  expect(await toldAfterAChange(drop)).toBe('altered')
})

test('M12: a secret twice is an altered list', async () => {
  const twice = inList((answer) => {
    const secrets = answer['secrets'] as Any[]
    return { ...answer, secrets: [...secrets, ...secrets] }
  })

  expect(await toldAfterAChange(twice)).toBe('altered')
})

test('M12: commits that are missing are told as such', async () => {
  expect(await toldAfterAChange(inCommits(() => []))).toBe('altered')
})

test('M17: a change that its author did not sign is refused as unsigned', async () => {
  const forged = inCommits((commits) =>
    commits.map((one) => ({ ...one, signature: 'A'.repeat(86) }))
  )

  expect(await toldAfterAChange(forged)).toBe('unsigned')
})

test('a vault that does not verify keeps none of the others away', async () => {
  const home = await browser.core.vaults.create({ name: 'Home', description: '', icon: 'home' })
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  browser.server.tamper = ({ path }, answer) => {
    if (path !== '/api/account/vaults') return answer
    const { items } = structuredClone(answer) as { items: { vault_id: string; head: Any }[] }
    for (const { vault_id, head } of items) if (vault_id === vaultId) head['seq'] = '1'
    return { items, next: null }
  }

  const { vaults, troubled } = await browser.core.vaults.look()

  expect(vaults.map(({ name }) => name)).toEqual(['Home'])
  expect(troubled).toMatchObject([{ id: vaultId, code: 'rollback' }])
  expect(await rowsOf(browser, home.id)).toEqual([])
  expect(await failure(rowsOf(browser, vaultId))).toBe('rollback')
})

test('M14: a vault that is kept back is missed, and the others are there', async () => {
  await browser.core.vaults.create({ name: 'Home', description: '', icon: 'home' })
  browser.server.tamper = ({ path }, answer) => {
    if (path !== '/api/account/vaults') return answer
    const { items } = answer as { items: { vault_id: string }[] }
    return { items: items.filter(({ vault_id }) => vault_id !== vaultId), next: null }
  }

  const { vaults, troubled } = await browser.core.vaults.look()

  expect(vaults.map(({ name }) => name)).toEqual(['Home'])
  expect(troubled).toMatchObject([{ id: vaultId, code: 'rollback' }])
})
