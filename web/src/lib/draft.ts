/** A secret while it is being written. */
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
  notes: string
  fields: (Field & { id: number })[]
}

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
  const names = draft.fields.map((field) => field.name.trim())
  draft.fields.forEach((field, index) => {
    const name = names[index] ?? ''
    if (name === '') found[`field-${field.id}`] = 'Give the field a name.'
    else if (names.indexOf(name) < index) found[`field-${field.id}`] = 'This name is there already.'
  })
  return found
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
      reminder: null,
      rotate_days: null,
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
