/** When a secret is due, and the calendar file: the same cases as those of the library. */
import { afterEach, expect, test, vi } from 'vitest'
import { calendar } from '../../src/lib/calendar.ts'
import { due, parseDay, reminderDay, today } from '../../src/lib/core/expiry.ts'
import type { Overview } from '../../src/lib/core/index.ts'
import { expiry } from '../../src/lib/times.ts'
import { overview as named } from '../core/world.ts'

const ROTATED = String(Date.UTC(2027, 0, 1, 23, 59))
const SECRET_ID = '6c6f6e67-2069-4420-8000-000000000001'
const WRITTEN = '1790000000000' // 2026-09-21 14:13:20 UTC

function overview(known: Partial<Overview>): Overview {
  return { ...named('KEY'), rotated_at: ROTATED, ...known }
}

function exported(known: Partial<Overview>, version = '3'): string {
  const row = { id: SECRET_ID, version, overview: { ...named('KEY'), ...known } }
  return calendar([{ vault: 'work', row }])
}

function unfolded(file: string): string[] {
  return file.replaceAll('\r\n ', '').split('\r\n')
}

test('a secret is due on the earlier day', () => {
  const expires = (day: string): object => ({ day, why: 'expires' })
  const rotate = (day: string): object => ({ day, why: 'rotate' })
  const cases: [Partial<Overview>, object | null][] = [
    [{}, null],
    [{ expires_at: '2027-06-30' }, expires('2027-06-30')],
    [{ rotate_days: 90 }, rotate('2027-04-01')],
    [{ rotate_days: 90, expires_at: '2027-03-31' }, expires('2027-03-31')],
    [{ rotate_days: 90, expires_at: '2027-04-01' }, expires('2027-04-01')],
    [{ rotate_days: 90, expires_at: '2028-01-01' }, rotate('2027-04-01')]
  ]
  for (const [known, expected] of cases) expect(due(overview(known))).toEqual(expected)
})

test('the day of a reminder is as many days before', () => {
  expect(reminderDay(overview({ expires_at: '2028-03-01', reminder: 1 }))).toBe('2028-02-29')
  expect(reminderDay(overview({ expires_at: '2028-03-01', reminder: 0 }))).toBe('2028-03-01')
  expect(reminderDay(overview({ expires_at: '2028-03-01' }))).toBeNull()
  expect(reminderDay(overview({ reminder: 7 }))).toBeNull()
})

test('what somebody wrote that is no day stops nothing', () => {
  const expires = ['soon', '2027-02-29', '20270630', '0000-01-01', '']
  const rotate = [0, -1, 1e9, 1e15]
  const rotated = ['', 'x', '1'.repeat(30), '-1', '\u0663']

  for (const expires_at of expires) expect(due(overview({ expires_at }))).toBeNull()
  for (const rotate_days of rotate) expect(due(overview({ rotate_days }))).toBeNull()
  for (const rotated_at of rotated) {
    expect(due(overview({ rotate_days: 1, rotated_at }))).toBeNull()
  }
  for (const reminder of [-1, 1e7, 1e15]) {
    expect(reminderDay(overview({ expires_at: '2027-06-30', reminder }))).toBeNull()
  }
})

test('a day is written in one way', () => {
  expect(parseDay('2027-06-30')).not.toBeNull()
  for (const text of ['', '2027-6-30', '2027-06-31', '2027-06-30T00:00', '\uff12027-06-30']) {
    expect(parseDay(text)).toBeNull()
  }
  expect(today(Date.UTC(2027, 5, 30, 23, 59))).toBe('2027-06-30')
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

test('how near a day is, is counted in days of UTC wherever the reader is', () => {
  vi.useFakeTimers({ now: Date.UTC(2027, 5, 30, 20) })
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    vi.stubEnv('TZ', zone)
    const said = ['2027-06-29', '2027-06-30', '2027-07-01'].map((day) => {
      return expiry({ day, why: 'expires' }).text
    })
    expect(said).toEqual(['expired yesterday', 'expires today', 'expires tomorrow'])
  }
})

test('a reminder that leads to no day is no alarm', () => {
  for (const reminder of [-1, 1e7, 1e15]) {
    expect(exported({ expires_at: '2027-06-30', reminder })).not.toContain('VALARM')
  }
})

test('a secret that is due is a day with an alarm', () => {
  const known = { path: 'db', expires_at: '2027-06-30', reminder: 14, updated_at: WRITTEN }

  expect(exported(known)).toBe(
    'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//KeyArc//KeyArc//EN\r\nCALSCALE:GREGORIAN\r\n' +
      'BEGIN:VEVENT\r\nUID:6c6f6e67-2069-4420-8000-000000000001@keyarc\r\nSEQUENCE:3\r\n' +
      'DTSTAMP:20260921T141320Z\r\nDTSTART;VALUE=DATE:20270630\r\nSUMMARY:work/db/KEY expires\r\n' +
      'TRANSP:TRANSPARENT\r\nCLASS:PRIVATE\r\n' +
      'BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:work/db/KEY\r\nTRIGGER:-P14D\r\n' +
      'END:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
  )
})

test('what is never due is not in it', () => {
  expect(exported({ reminder: 3 })).not.toContain('VEVENT')
})

test('what is to be replaced says so and has no alarm that nobody wanted', () => {
  const lines = unfolded(exported({ rotate_days: 1, rotated_at: WRITTEN, updated_at: WRITTEN }))

  expect(lines).toContain('SUMMARY:work/KEY is to be replaced')
  expect(lines).toContain('DTSTART;VALUE=DATE:20260922')
  expect(lines).not.toContain('BEGIN:VALARM')
})

test('long lines are folded between characters', () => {
  const name = 'schlüssel-🔑'.repeat(30)

  const file = exported({ name, expires_at: '2027-06-30' })

  const sizes = file.split('\r\n').map((line) => new TextEncoder().encode(line).length)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(75)
  expect(file.isWellFormed()).toBe(true)
  expect(unfolded(file)).toContain(`SUMMARY:work/${name} expires`)
})

test('a name begins no line of its own', () => {
  const name = 'a;b,c\\d\r\nEND:VEVENT\x1b'

  const lines = unfolded(exported({ name, expires_at: '2027-06-30' }))

  expect(lines.filter((line) => line === 'END:VEVENT')).toHaveLength(1)
  expect(lines).toContain('SUMMARY:work/a\\;b\\,c\\\\d\ufffd\\nEND:VEVENT\ufffd expires')
})

test('a moment that is none spoils no file', () => {
  const lines = unfolded(exported({ expires_at: '2027-06-30', updated_at: 'later' }))

  expect(lines).toContain('DTSTAMP:19700101T000000Z')
})
