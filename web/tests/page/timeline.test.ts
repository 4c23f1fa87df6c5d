/** What is due, by weeks and under heads. */
import { expect, test } from 'vitest'
import { columns, groups } from '../../src/lib/timeline.ts'

const WEDNESDAY = '2027-06-30'

function due(...days: string[]) {
  return days.map((day) => ({ due: { day, why: 'expires' as const } }))
}

test('weeks begin on Mondays, from the week that it is, and what is over stands before them', () => {
  const rows = due(
    '2027-06-29',
    '2027-06-30',
    '2027-07-04',
    '2027-07-05',
    '2027-12-26',
    '2027-12-27'
  )

  const found = columns(rows, WEDNESDAY)

  const counted = found.filter(({ rows }) => rows.length > 0)
  expect(counted.map(({ key, rows }) => [key, rows.length])).toEqual([
    ['over', 1],
    ['2027-06-28', 2],
    ['2027-07-05', 1],
    ['2027-12-20', 1],
    ['later', 1]
  ])
  expect(found).toHaveLength(28)
})

test('what is pressing is hot, and what has time is not', () => {
  const heat = columns([], WEDNESDAY).map((column) => column.heat)

  expect(heat.slice(0, 2)).toEqual([1, 1])
  expect(heat.toSorted((a, b) => b - a)).toEqual(heat)
  expect(heat.at(-1)).toBe(0)
})

test('heads stand over what is near, and none over nothing', () => {
  const rows = due('2027-06-29', '2027-06-30', '2027-07-07', '2027-07-08', '2027-07-31')

  const found = groups(rows, WEDNESDAY)

  expect(found.map(({ title, rows }) => [title, rows.length])).toEqual([
    ['Overdue', 1],
    ['Within 7 days', 2],
    ['Within 30 days', 1],
    ['Later', 1]
  ])
})
