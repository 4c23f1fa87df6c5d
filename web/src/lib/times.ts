/** Dates and times as a reader says them. */
import type { Due } from './core/index.ts'

const DAY = 86_400_000
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
const exactly = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })
const dayOf = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' })

/** "3 days ago". */
export function ago(ms: number, now = Date.now()): string {
  const past = (ms - now) / 1000
  const size = Math.abs(past)
  if (size < 45) return 'just now'
  if (size < 45 * 60) return relative.format(Math.round(past / 60), 'minute')
  if (size < 22 * 3600) return relative.format(Math.round(past / 3600), 'hour')
  return days(Math.round(past / 86_400))
}

/** The instant itself, in the reader's zone. */
export function exact(ms: number): string {
  return exactly.format(ms)
}

/** A date without a time, as in "12 Mar 2027". */
export function day(date: string): string {
  const ms = Date.parse(date)
  return Number.isNaN(ms) ? date : dayOf.format(ms)
}

/** How many days from today until a date: days are those of UTC, as everywhere. */
function daysUntil(date: string): number {
  return Math.floor(Date.parse(date) / DAY) - Math.floor(Date.now() / DAY)
}

function days(count: number): string {
  const size = Math.abs(count)
  if (size < 14) return relative.format(count, 'day')
  if (size < 60) return relative.format(Math.round(count / 7), 'week')
  if (size < 700) return relative.format(Math.round(count / 30.44), 'month')
  return relative.format(Math.round(count / 365.25), 'year')
}

/** How near a day is on which a secret is due, and what to say of it. */
export function expiry({ day, why }: Due): {
  tone: 'calm' | 'warn' | 'bad'
  text: string
  short: string
} {
  const left = daysUntil(day)
  const short = days(left)
  const expires = why === 'expires'
  if (left < 0) {
    const text = expires ? `expired ${short}` : `was to be replaced ${short}`
    return { tone: 'bad', text, short: expires ? 'expired' : 'replace' }
  }
  const tone = left <= 7 ? 'bad' : left <= 30 ? 'warn' : 'calm'
  return { tone, text: expires ? `expires ${short}` : `to be replaced ${short}`, short }
}
