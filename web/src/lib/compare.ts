/** What differs between two versions of a secret. */
import type { Details, Overview } from './core/index.ts'
import { shownKind } from './kinds.ts'

/** A secret as it is, or was. */
export type Whole = { overview: Overview; details: Details }

/** One part that differs; null where it is missing. */
export type Difference = {
  label: string
  then: string | null
  now: string | null
  concealed: boolean
}

const CONCEALED = ', concealed'

/** The parts of a secret that a reader can compare, by name. */
function parts({ overview, details }: Whole): Map<string, { text: string; concealed: boolean }> {
  const plain: [string, string | null][] = [
    ['Name', overview.name],
    ['Kind', shownKind(overview.kind).label],
    ['Provider', overview.provider],
    ['Folder', overview.path],
    ['Environment', overview.environment],
    ['Tags', overview.tags.join(', ')],
    ['Expires', overview.expires_at],
    ['Replace every (days)', asText(overview.rotate_days)],
    ['Remind (days before)', asText(overview.reminder)],
    ['Check', asText(overview.check)],
    ['Notes', details.notes]
  ]
  const all = new Map<string, { text: string; concealed: boolean }>()
  for (const [label, text] of plain) {
    if (text !== null && text !== '') all.set(label, { text, concealed: false })
  }
  for (const { name, value, concealed } of details.fields) {
    all.set(`Field ${name}`, { text: value, concealed })
    all.set(`Field ${name}${CONCEALED}`, { text: concealed ? 'yes' : 'no', concealed: false })
  }
  return all
}

function asText(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}

/** A line of a text that another one lacks, or how many lines in a row both have. */
export type Line = { text: string } | { same: number }

/** The lines of a text beside another one: what both have is only counted. */
export function linesOf(text: string, other: string): Line[] {
  const [own, known] = [text.split('\n'), new Set(other.split('\n'))]
  // the same lines in another order are no help, counted
  if (own.every((line) => known.has(line)) && [...known].every((line) => own.includes(line))) {
    return own.map((line) => ({ text: line }))
  }
  const lines: Line[] = []
  for (const line of own) {
    const last = lines.at(-1)
    if (!known.has(line)) lines.push({ text: line })
    else if (last !== undefined && 'same' in last) last.same += 1
    else lines.push({ same: 1 })
  }
  return lines
}

/** The parts that differ, in the order of a secret's own. */
export function differences(then: Whole, now: Whole): Difference[] {
  const [before, after] = [parts(then), parts(now)]
  const labels = new Set([...before.keys(), ...after.keys()])
  return [...labels].flatMap((label) => {
    const [a, b] = [before.get(label), after.get(label)]
    if (a?.text === b?.text) return []
    // whether a field is concealed matters where there is one in both
    if (label.endsWith(CONCEALED) && (a === undefined || b === undefined)) return []
    const concealed = a?.concealed === true || b?.concealed === true
    return [{ label, then: a?.text ?? null, now: b?.text ?? null, concealed }]
  })
}
