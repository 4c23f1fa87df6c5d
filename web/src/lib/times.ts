/** Dates and times as a reader says them. */

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

/** How many days from today, in the reader's zone, until a date. */
export function daysUntil(date: string, now = new Date()): number {
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())
  return Math.round((Date.parse(date) - today) / DAY)
}

function days(count: number): string {
  const size = Math.abs(count)
  if (size < 14) return relative.format(count, 'day')
  if (size < 60) return relative.format(Math.round(count / 7), 'week')
  if (size < 700) return relative.format(Math.round(count / 30.44), 'month')
  return relative.format(Math.round(count / 365.25), 'year')
}

/** How near an expiry is, and what to say of it. */
export function expiry(date: string): {
  tone: 'calm' | 'warn' | 'bad'
  text: string
  short: string
} {
  const left = daysUntil(date)
  if (Number.isNaN(left)) return { tone: 'warn', text: 'expires on an unreadable date', short: '?' }
  if (left < 0) return { tone: 'bad', text: `expired ${days(left)}`, short: 'expired' }
  const short = days(left)
  return { tone: left <= 7 ? 'bad' : left <= 30 ? 'warn' : 'calm', text: `expires ${short}`, short }
}
