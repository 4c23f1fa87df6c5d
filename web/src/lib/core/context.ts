/** What the parts of an open core share. */
import type { Http } from '../api/http.ts'
import type { Keys, KeyringKeeper } from './keys.ts'
import type { Measure } from './protocol.ts'

/** Tells how long something took. */
export type Note = (name: Measure, ms: number) => void

/** An open account with its ways to the server. */
export type Context = { http: Http; keys: Keys; keeper: KeyringKeeper; note: Note }

/** Does something and tells how long it took. */
export async function timed<T>(note: Note, name: Measure, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await work()
  note(name, performance.now() - start)
  return result
}
