/** What differs between two versions of a secret. */
import type { Details, Overview } from './core/index.ts'

/** A secret as it is, or was. */
export type Whole = { overview: Overview; details: Details }

/** One part that differs; null where it is missing. */
export type Difference = {
  label: string
  then: string | null
  now: string | null
  concealed: boolean
}

/** The parts of a secret that a reader can compare, by name. */
function parts({ overview, details }: Whole): Map<string, { text: string; concealed: boolean }> {
  const plain: [string, string | null][] = [
    ['Name', overview.name],
    ['Provider', overview.provider],
    ['Folder', overview.path],
    ['Environment', overview.environment],
    ['Tags', overview.tags.join(', ')],
    ['Expires', overview.expires_at],
    ['Notes', details.notes]
  ]
  const all = new Map<string, { text: string; concealed: boolean }>()
  for (const [label, text] of plain) {
    if (text !== null && text !== '') all.set(label, { text, concealed: false })
  }
  for (const { name, value, concealed } of details.fields) {
    all.set(`Field ${name}`, { text: value, concealed })
  }
  return all
}

/** The parts that differ, in the order of a secret's own. */
export function differences(then: Whole, now: Whole): Difference[] {
  const [before, after] = [parts(then), parts(now)]
  const labels = new Set([...before.keys(), ...after.keys()])
  return [...labels].flatMap((label) => {
    const [a, b] = [before.get(label), after.get(label)]
    if (a?.text === b?.text) return []
    const concealed = a?.concealed === true || b?.concealed === true
    return [{ label, then: a?.text ?? null, now: b?.text ?? null, concealed }]
  })
}
