/** How the past is put into words, and what is compared. */
import { expect, test } from 'vitest'
import type { VaultLog } from '../../src/lib/core/index.ts'
import { differences, linesOf } from '../../src/lib/compare.ts'
import { type Happening, happenings } from '../../src/lib/happenings.ts'
import { place } from '../../src/lib/places.ts'
import { details, overview } from '../core/world.ts'

const [ME, YOU, KEY, GONE] = ['me', 'you', 'key', 'gone']

const LOG: VaultLog = {
  changes: [
    { seq: '1', author: ME, timeMs: 10, deeds: [{ did: 'created' }, { did: 'described' }] },
    {
      seq: '2',
      author: ME,
      timeMs: 20,
      deeds: [{ did: 'let-in', userId: YOU, role: 'viewer' }]
    },
    {
      seq: '3',
      author: YOU,
      timeMs: 30,
      deeds: [{ did: 'added', secretIds: [KEY, GONE], count: 9 }]
    }
  ],
  accesses: [
    access('1', 'vault.changed', 31),
    access('2', 'secret.exported', 25),
    access('3', 'something.new', 40)
  ],
  people: {
    [ME]: { text: 'me@example.com', by: 'you' },
    [YOU]: { text: 'you@example.com', by: 'server' }
  },
  secrets: { [KEY]: 'STRIPE\u202E_KEY', [GONE]: null }
}

function access(seq: string, action: string, atMs: number): VaultLog['accesses'][number] {
  return { seq, action, atMs, userId: YOU, objectIds: [KEY], count: 1, address: '192.0.2.7' }
}

function said({ pieces }: Happening): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : `<${piece.name}>`)).join('')
}

test('what happened is told in sentences, the newest first', () => {
  expect(happenings(LOG, 'changes').map(said)).toEqual([
    'added <STRIPE\uFFFD_KEY>, a secret whose name is gone and 7 more',
    'let in <you@example.com> as viewer',
    'made the vault; set its name and look'
  ])
})

test('accesses stand between changes, but for those that only stored one', () => {
  const keys = (which: 'all' | 'accesses'): string[] => happenings(LOG, which).map(({ key }) => key)

  expect(keys('all')).toEqual(['a3', 'c3', 'a2', 'c2', 'c1'])
  expect(keys('accesses')).toEqual(['a3', 'a1', 'a2'])
})

test('an access says of what it was where its words do not', () => {
  const told = (action: string, objectIds: string[]): string[] => {
    const one = { ...access('1', action, 1), objectIds, count: objectIds.length }
    return happenings({ ...LOG, changes: [], accesses: [one] }, 'accesses').map(said)
  }

  expect(told('vault.changed', [])).toEqual(['stored a change'])
  expect(told('member.left', [YOU])).toEqual(['left'])
  expect(told('member.removed', [ME])).toEqual(['removed <you>'])
})

test('an action that is not known here is told by its name', () => {
  expect(happenings(LOG, 'accesses').map(said)[0]).toBe('something.new <STRIPE\uFFFD_KEY>')
})

test('versions differ in what was changed, added and taken out', () => {
  const then = { overview: overview('OLD'), details: details('one') }
  const now = {
    overview: { ...overview('NEW'), provider: 'Stripe' },
    details: { ...details('two'), notes: 'x' }
  }

  expect(differences(then, now)).toEqual([
    { label: 'Name', then: 'OLD', now: 'NEW', concealed: false },
    { label: 'Field value', then: 'one', now: 'two', concealed: true },
    { label: 'Provider', then: null, now: 'Stripe', concealed: false },
    { label: 'Notes', then: null, now: 'x', concealed: false }
  ])
  expect(differences(now, now)).toEqual([])
})

test('versions differ in what they are, when they are due and what they conceal', () => {
  const then = { overview: overview('KEY'), details: details('one') }
  const now = {
    overview: { ...overview('KEY'), kind: 'note' as const, rotate_days: 90, reminder: 7 },
    details: { ...details('one'), fields: [{ name: 'value', value: 'one', concealed: false }] }
  }

  expect(differences(then, now).map((one) => [one.label, one.then, one.now])).toEqual([
    ['Kind', 'API key', 'Note'],
    ['Field value, concealed', 'yes', 'no'],
    ['Replace every (days)', null, '90'],
    ['Remind (days before)', null, '7']
  ])
})

test('of texts of many lines those are shown that differ', () => {
  const [then, now] = ['begin\na\nb\nend\n', 'begin\na\nc\nd\nend\n']

  expect(linesOf(then, now)).toEqual([{ same: 2 }, { text: 'b' }, { same: 2 }])
  expect(linesOf(now, then)).toEqual([{ same: 2 }, { text: 'c' }, { text: 'd' }, { same: 2 }])
  expect(linesOf('a', '')).toEqual([{ text: 'a' }])
  expect(linesOf('a\nb', 'b\na')).toEqual([{ text: 'a' }, { text: 'b' }])
})

test('every place of a vault has an address', () => {
  expect(place('/vaults/v/log')).toMatchObject({ vault: 'v', doing: 'log' })
  expect(place('/vaults/v/log/12')).toMatchObject({ doing: 'then', seq: '12' })
  expect(place('/vaults/v/log/0x1')).toMatchObject({ doing: 'log' })
  expect(place('/vaults/v/trash')).toMatchObject({ doing: 'trash', secret: '' })
  expect(place('/vaults/v/s/history')).toMatchObject({ doing: 'history', secret: 's' })
})
