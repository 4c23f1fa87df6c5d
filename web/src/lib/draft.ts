/** A secret while it is being written. */
import { type Due, due, reminderDay } from './core/expiry.ts'
import type { Details, Field, Kind, Overview } from './core/index.ts'
import { KINDS } from './kinds.ts'

/** What the form holds, as text where its reader types text. */
export type Draft = {
  name: string
  kind: Kind
  provider: string
  path: string
  tags: string
  environment: string
  expires: string
  /** Days after which the value is to be replaced, and days before that to hear of it. */
  rotate: string
  remind: string
  notes: string
  fields: (Field & { id: number })[]
}

const MOST_DAYS = 3650

let next = 1

/** An empty field; values are concealed unless their writer says otherwise. */
export function emptyField(name = ''): Draft['fields'][number] {
  return { id: next++, name, value: '', concealed: true }
}

/** A draft of a new secret, or of what is there already. */
export function draftOf(overview?: Overview, details?: Details): Draft {
  return {
    name: overview?.name ?? '',
    kind: overview?.kind ?? 'api_key',
    provider: overview?.provider ?? '',
    path: overview?.path ?? '',
    tags: overview?.tags.join(', ') ?? '',
    environment: overview?.environment ?? '',
    expires: overview?.expires_at ?? '',
    rotate: String(overview?.rotate_days ?? ''),
    remind: String(overview?.reminder ?? ''),
    notes: details?.notes ?? '',
    fields: details?.fields.map((field) => ({ ...field, id: next++ })) ?? [
      emptyField(KINDS.api_key.field)
    ]
  }
}

/** What keeps a draft from being saved, by the name of its input. */
export function faults(draft: Draft): Record<string, string> {
  const found: Record<string, string> = {}
  if (draft.name.trim() === '') found['name'] = 'Give the secret a name.'
  if (
    path(draft.path)
      .split('/')
      .some((part) => part === '.' || part === '..')
  ) {
    found['path'] = 'A folder cannot be named “.” or “..”.'
  }
  if (days(draft.rotate, 1, MOST_DAYS) === undefined) {
    found['rotate'] = `Type a whole number from 1 to ${MOST_DAYS}, or nothing.`
  }
  if (days(draft.remind, 0, MOST_DAYS) === undefined) {
    found['remind'] = `Type a whole number from 0 to ${MOST_DAYS}, or nothing.`
  }
  const names = draft.fields.map((field) => field.name.trim())
  draft.fields.forEach((field, index) => {
    const name = names[index] ?? ''
    if (name === '') found[`field-${field.id}`] = 'Give the field a name.'
    else if (names.indexOf(name) < index) found[`field-${field.id}`] = 'This name is there already.'
  })
  return found
}

/** When what is typed so far will be due, and when people will hear of it. */
export function dueOf(
  draft: Draft,
  before?: { overview: Overview; details: Details }
): { due: Due | null; reminder: string | null } {
  const { overview } = secretOf(draft, before)
  return { due: due(overview), reminder: reminderDay(overview) }
}

/** A number of days as it is typed: null for none, undefined for what is no such number. */
function days(typed: string, least: number, most: number): number | null | undefined {
  const text = typed.trim()
  if (text === '') return null
  const count = /^[0-9]{1,6}$/.test(text) ? Number(text) : -1
  return count >= least && count <= most ? count : undefined
}

/** Folders as they are stored: no empty parts, no slash at the ends. */
function path(typed: string): string {
  return typed
    .split('/')
    .map((part) => part.trim())
    .filter(Boolean)
    .join('/')
}

function tags(typed: string): string[] {
  return [
    ...new Set(
      typed
        .split(',')
        .map((tag) => tag.trim())
        .filter(Boolean)
    )
  ]
}

/** The overview and details of a draft; what the form does not show is kept. */
export function secretOf(
  draft: Draft,
  before?: { overview: Overview; details: Details }
): { overview: Overview; details: Details } {
  const text = (typed: string): string | null => typed.trim() || null
  const now = String(Date.now())
  const rotated = draft.fields[0]?.value !== before?.details.fields[0]?.value
  return {
    overview: {
      rotated_at: now,
      check: null,
      fingerprints: [],
      ...before?.overview,
      ...(rotated ? { rotated_at: now } : {}),
      name: draft.name.trim(),
      kind: draft.kind,
      provider: text(draft.provider),
      path: path(draft.path),
      tags: tags(draft.tags),
      environment: text(draft.environment),
      expires_at: text(draft.expires),
      rotate_days: days(draft.rotate, 1, MOST_DAYS) ?? null,
      reminder: days(draft.remind, 0, MOST_DAYS) ?? null,
      updated_at: now
    },
    details: {
      check: null,
      certificate: null,
      ...before?.details,
      notes: draft.notes,
      fields: draft.fields.map(({ name, value, concealed }) => ({
        name: name.trim(),
        value,
        concealed
      }))
    }
  }
}
