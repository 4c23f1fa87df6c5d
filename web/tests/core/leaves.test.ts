import { expect, test } from 'vitest'
import { CoreError } from '../../src/lib/core/errors.ts'
import { Browser, details, EMAIL, names, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

type Leaf = { path: (string | number)[]; value: unknown }

function leavesOf(value: unknown, path: (string | number)[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }]
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key])
  )
}

function changed(answer: unknown, { path }: Leaf, change: (v: unknown) => unknown): unknown {
  const copy = structuredClone(answer)
  const last = path.at(-1)
  let holder = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>
  if (last === undefined) return change(copy)
  const value = change(holder[last])
  if (value === undefined && Array.isArray(holder)) holder.splice(Number(last), 1)
  else holder[last] = value
  return copy
}

const flip = (value: unknown): unknown => {
  if (typeof value === 'number') return value + 1
  if (typeof value !== 'string' || value === '') return 'A'
  const middle = Math.floor(value.length / 2)
  const other = value[middle] === '1' ? '2' : '1'
  return value.slice(0, middle) + other + value.slice(middle + 1)
}

const OPERATORS: Record<string, (value: unknown, others: unknown[]) => unknown> = {
  flip,
  null: () => null,
  drop: () => undefined,
  empty: () => '',
  duplicate: (value) => [value, value],
  cut: (value) => (typeof value === 'string' ? value.slice(0, -4) : -1),
  another: (value, others) =>
    others.find((other) => typeof other === typeof value && other !== value) ?? 'A'
}

async function story(browser: Browser, accountKey: string): Promise<unknown> {
  await browser.core.entrance.logIn({ email: EMAIL, password: PASSWORD, accountKey })
  const shown = []
  for (const vault of await browser.core.vaults.list()) {
    const rows = await rowsOf(browser, vault.id)
    for (const row of rows) shown.push([row, await browser.core.vaults.details(vault.id, row.id)])
    shown.push(vault.name, vault.head, names(rows))
  }
  return JSON.parse(JSON.stringify(shown)) as unknown
}

test('every leaf of every answer may be changed in every way: the same is shown, or an error', async () => {
  const { browser, accountKey } = await signedUp()
  for (const name of ['Work', 'Home']) {
    const { id } = await browser.core.vaults.create({ name, description: '', icon: '' })
    for (const n of [1, 2]) {
      await browser.core.vaults.save(
        id,
        null,
        overview(`${name} ${String(n)}`),
        details(`v${String(n)}`)
      )
    }
  }
  const answers: { path: string; answer: unknown }[] = []
  browser.server.tamper = ({ path }, answer) => (answers.push({ path, answer }), answer)
  const honest = await story(new Browser(browser.server), accountKey)
  const others = answers.flatMap(({ answer }) => leavesOf(answer).map(({ value }) => value))

  let cases = 0
  let refused = 0
  for (const [i, { answer }] of [...answers].entries()) {
    for (const leaf of leavesOf(answer)) {
      for (const operator of Object.values(OPERATORS)) {
        let n = 0
        browser.server.tamper = (_, given) =>
          n++ === i ? changed(given, leaf, (value) => operator(value, others)) : given
        cases++
        const seen = await story(new Browser(browser.server), accountKey).catch((ex: unknown) => ex)
        if (seen instanceof CoreError) refused++
        else expect(seen, `${answers[i]?.path ?? ''} ${leaf.path.join('.')}`).toEqual(honest)
      }
    }
  }
  expect(cases).toBeGreaterThan(600)
  expect(refused).toBeGreaterThan(500)
}, 120_000)
