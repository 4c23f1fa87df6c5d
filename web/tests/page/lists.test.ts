/** What a list of secrets shows, in which order, and how much of it is drawn. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Row } from '../../src/lib/core/index.ts'
import { lines, matching, sorted } from '../../src/lib/state/lines.ts'
import { inSight, offsets } from '../../src/lib/window.ts'

function row(name: string, path = '', more: Partial<Row['overview']> = {}): Row {
  const overview = {
    name,
    path,
    kind: 'api_key' as const,
    provider: null,
    tags: [],
    environment: null,
    expires_at: null,
    reminder: null,
    rotate_days: null,
    rotated_at: '0',
    check: null,
    fingerprints: [],
    updated_at: '0',
    ...more
  }
  return { id: `${path}/${name}`, version: '1', overview }
}

const names = (rows: Row[]): string[] => rows.map(({ id }) => id)

test('secrets stand by folder, then by name, whatever their case', () => {
  const rows = sorted([row('b', 'x'), row('Z'), row('A', 'x'), row('c')])

  expect(names(rows)).toEqual(['/c', '/Z', 'x/A', 'x/b'])
})

test('a search finds every word, anywhere in what a list shows', () => {
  const rows = [
    row('KEY', 'billing', { provider: 'Stripe', tags: ['team-a'] }),
    row('KEY', 'mail', { provider: 'Stripe' })
  ]

  expect(names(matching(rows, 'STRIPE team'))).toEqual(['billing/KEY'])
  expect(names(matching(rows, ' key '))).toEqual(['billing/KEY', 'mail/KEY'])
  expect(matching(rows, 'stripe nobody')).toEqual([])
})

test('a folder that is folded away keeps its head and its count', () => {
  const rows = sorted([row('a', 'x'), row('b', 'x'), row('c')])

  const shown = lines(rows, new Set(['x']))

  expect(shown).toEqual([
    { kind: 'secret', row: rows[0] },
    { kind: 'folder', path: 'x', count: 2, folded: true }
  ])
})

test('every line that touches the stretch in sight is drawn', () => {
  const heights = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(heights, fc.nat(9_000), fc.nat(900), (all, top, height) => {
      const begins = offsets(all)
      const [first, last] = inSight(begins, top, height, 0)
      all.forEach((size, index) => {
        const begin = begins[index] ?? 0
        const touches = begin + size > top && begin <= top + height
        if (touches) expect(first <= index && index < last).toBe(true)
      })
    })
  )
})
