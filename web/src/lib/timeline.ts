/** What is due, by weeks: what is over, the weeks that come, and what is later. */
import type { Due } from './core/index.ts'

/** One column; `heat` is 1 for what is pressing and 0 for what has time. */
export type Column<T> = {
  key: string
  when: 'over' | 'week' | 'later'
  /** The Monday of the week. */
  day: string
  rows: T[]
  heat: number
}

const WEEKS = 26
const DAY_MS = 86_400_000
/** So many weeks ahead it is calm. */
const CALM = 13
/** The first day of the epoch was a Thursday. */
const THURSDAY = 3

/** The columns of a timeline that begins with the week of `today`. */
export function columns<T extends { due: Due }>(rows: readonly T[], today: string): Column<T>[] {
  const now = dayOf(today)
  const first = now - ((now + THURSDAY) % 7)
  const weeks = Array.from({ length: WEEKS }, (_, week): Column<T> => {
    const day = textOf(first + 7 * week)
    return { key: day, when: 'week', day, rows: [], heat: Math.max(0, 1 - week / CALM) }
  })
  const over: Column<T> = { key: 'over', when: 'over', day: today, rows: [], heat: 1 }
  const end = textOf(first + 7 * WEEKS)
  const later: Column<T> = { key: 'later', when: 'later', day: end, rows: [], heat: 0 }
  for (const row of rows) {
    const week = Math.floor((dayOf(row.due.day) - first) / 7)
    const column = row.due.day < today ? over : (weeks[week] ?? later)
    column.rows.push(row)
  }
  return [over, ...weeks, later]
}

/** Rows under heads: the nearest first, and no head without rows. */
export function groups<T extends { due: Due }>(
  rows: readonly T[],
  today: string
): { title: string; rows: T[] }[] {
  const heads = [
    { title: 'Overdue', rows: [] as T[] },
    { title: 'Within 7 days', rows: [] as T[] },
    { title: 'Within 30 days', rows: [] as T[] },
    { title: 'Later', rows: [] as T[] }
  ]
  for (const row of rows) {
    const left = dayOf(row.due.day) - dayOf(today)
    heads[left < 0 ? 0 : left <= 7 ? 1 : left <= 30 ? 2 : 3]?.rows.push(row)
  }
  return heads.filter((head) => head.rows.length > 0)
}

function dayOf(text: string): number {
  return Math.floor(Date.parse(text) / DAY_MS)
}

function textOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
