/** Days on which secrets are due, as a calendar file (RFC 5545): made here, and without values. */
import { due, reminderDay } from './core/expiry.ts'
import type { Row } from './core/index.ts'

/** A secret that may be due, and what its vault is called. */
export type Entry = { vault: string; row: Row }

const LINE_OCTETS = 75
const HEAD = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//KeyArc//KeyArc//EN',
  'CALSCALE:GREGORIAN'
]
const WORDS = { expires: 'expires', rotate: 'is to be replaced' }
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
// everything below a space but the end of a line, and the one above "~"
// eslint-disable-next-line no-control-regex -- that is what it is for
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f]/g

/**
 * The file, with a day for each entry that has one.
 *
 * The same secret has the same UID in every export, and its version as SEQUENCE: a calendar that
 * takes the file in again moves what it has.
 */
export function calendar(entries: readonly Entry[]): string {
  return [...HEAD, ...entries.flatMap(event), 'END:VCALENDAR'].map(folded).join('')
}

/** Path and name, as they stand after the vault in `VAULT/PATH/NAME`. */
export function address({ path, name }: { path: string; name: string }): string {
  return path === '' ? name : `${path}/${name}`
}

function event({ vault, row: { id, version, overview } }: Entry): string[] {
  const found = due(overview)
  if (found === null) return []
  const name = text(`${vault}/${address(overview)}`)
  const { reminder } = overview
  const alarm = [
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${name}`,
    `TRIGGER:-P${String(reminder)}D`,
    'END:VALARM'
  ]
  return [
    'BEGIN:VEVENT',
    `UID:${id}@keyarc`,
    `SEQUENCE:${version}`,
    `DTSTAMP:${stamp(overview.updated_at)}`,
    `DTSTART;VALUE=DATE:${found.day.replaceAll('-', '')}`,
    `SUMMARY:${name} ${WORDS[found.why]}`,
    'TRANSP:TRANSPARENT',
    'CLASS:PRIVATE',
    // a number of days that leads to none is no span
    ...(reminderDay(overview) !== null ? alarm : []),
    'END:VEVENT'
  ]
}

/** When the secret was last written: the same export has the same bytes. */
function stamp(updatedAt: string): string {
  const ms = /^(0|[1-9][0-9]{0,18})$/.test(updatedAt) ? Number(updatedAt) : 0
  const at = new Date(ms > LAST_MS ? 0 : ms).toISOString()
  return `${at.slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** A TEXT: no line of it begins another property. */
function text(words: string): string {
  const escaped = words.replaceAll(CONTROLS, '\ufffd').replaceAll(/[\\;,]/g, String.raw`\$&`)
  return escaped.replaceAll('\n', String.raw`\n`)
}

/** A content line in lines of 75 octets, which never part a character (section 3.1). */
function folded(line: string): string {
  const encoder = new TextEncoder()
  let [lines, length] = ['', 0]
  for (const character of line) {
    const octets = encoder.encode(character).length
    if (length + octets > LINE_OCTETS) {
      lines += '\r\n '
      length = 1
    }
    lines += character
    length += octets
  }
  return `${lines}\r\n`
}
