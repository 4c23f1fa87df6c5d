/** What a list of secrets shows: folders and the secrets in them, in order. */
import type { Row } from '../core/index.ts'

/** One line of the list. */
export type Line =
  { kind: 'folder'; path: string; count: number; folded: boolean } | { kind: 'secret'; row: Row }

type Indexed = { row: Row; key: string; text: string }

// Rows never change in place, so what is made of one can be kept as long as the row.
const made = new WeakMap<Row, Indexed>()

function indexed(row: Row): Indexed {
  const known = made.get(row)
  if (known !== undefined) return known
  const { name, path, tags, provider, environment } = row.overview
  const fresh = {
    row,
    key: `${path}\0${name}`.toLowerCase(),
    text: [name, path, ...tags, provider, environment].join('\n').toLowerCase()
  }
  made.set(row, fresh)
  return fresh
}

/** By folder, then by name. */
export function sorted(rows: Iterable<Row>): Row[] {
  const all = Array.from(rows, indexed)
  all.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return all.map(({ row }) => row)
}

/** Rows in which every word of the query occurs somewhere. */
export function matching(rows: Row[], query: string): Row[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const { text } = indexed(row)
    return words.every((word) => text.includes(word))
  })
}

/** Puts a head over each folder, and leaves out what is folded away. */
export function lines(rows: Row[], folded: ReadonlySet<string>): Line[] {
  const found: Line[] = []
  let head: Extract<Line, { kind: 'folder' }> | undefined
  for (const row of rows) {
    const { path } = row.overview
    if (path !== '' && head?.path !== path) {
      head = { kind: 'folder', path, count: 0, folded: folded.has(path) }
      found.push(head)
    }
    if (head !== undefined) head.count += 1
    if (head?.folded !== true) found.push({ kind: 'secret', row })
  }
  return found
}
