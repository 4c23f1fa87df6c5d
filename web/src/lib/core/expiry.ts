/** When a secret is due: it expires, or its value is to be replaced. Days are those of UTC. */
import { parseU64 } from '../crypto/bytes.ts'
import type { Overview } from './types.ts'

/** A day, as in "2027-06-30", and what happens on it. */
export type Due = { day: string; why: 'expires' | 'rotate' }

/** What of an overview says when the secret is due. */
export type Dates = Pick<Overview, 'expires_at' | 'rotate_days' | 'rotated_at'>

const DAY_MS = 86_400_000
const FIRST = dayNumber('0001-01-01')
const LAST = dayNumber('9999-12-31')

/**
 * The earlier of expiry and rotation; null for a secret that has neither.
 *
 * What another member wrote and is no day counts as none: it must not stop a list.
 */
export function due(dates: Dates): Due | null {
  const [expires, rotate] = [expiryOf(dates), rotationOf(dates)]
  if (expires !== null && (rotate === null || expires <= rotate)) {
    return { day: dayText(expires), why: 'expires' }
  }
  return rotate === null ? null : { day: dayText(rotate), why: 'rotate' }
}

/** The day on which people want to hear of it, or null. */
export function reminderDay(overview: Dates & Pick<Overview, 'reminder'>): string | null {
  const found = due(overview)
  const { reminder } = overview
  if (found === null || reminder === null || reminder < 0) return null
  const day = dayNumber(found.day) - reminder
  return day < FIRST ? null : dayText(day)
}

/** Reads the one spelling of a day; null for everything else. */
export function parseDay(text: string): number | null {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return null
  const day = dayNumber(text)
  // the 31st of June is a day to Date, but not this one
  return day >= FIRST && dayText(day) === text ? day : null
}

/** The day that it is in UTC, by this device's clock. */
export function today(nowMs = Date.now()): string {
  return dayText(Math.floor(nowMs / DAY_MS))
}

function expiryOf({ expires_at }: Dates): number | null {
  return expires_at === null ? null : parseDay(expires_at)
}

function rotationOf({ rotate_days, rotated_at }: Dates): number | null {
  if (rotate_days === null || rotate_days < 1) return null
  try {
    const rotated = Number(parseU64(rotated_at) / BigInt(DAY_MS))
    return rotated + rotate_days > LAST ? null : rotated + rotate_days
  } catch {
    return null
  }
}

function dayNumber(text: string): number {
  return Math.floor(Date.parse(`${text}T00:00Z`) / DAY_MS)
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
