/** The days that the server knows: it writes letters on them, and cannot tell what they are for. */
import { type Http, Problem } from '../api/http.ts'
import { readDays } from '../api/reminders.ts'
import type { Contents } from './contents.ts'
import { reminderDay } from './expiry.ts'

/** Days by secret; null takes one away. */
export type Days = ReadonlyMap<string, string | null>

/** Sets the day of each secret, or takes it away, after the change that says so. */
export async function tellDays(http: Http, vaultId: string, days: Days): Promise<void> {
  for (const [secretId, day] of days) {
    const path = `/api/keys/vaults/${vaultId}/reminders/${secretId}`
    try {
      if (day === null) await http.delete(path)
      else await http.put(path, { day })
    } catch (ex) {
      // somebody has removed the secret, and its reminder with it
      if (!(ex instanceof Problem && ex.status === 404)) throw ex
    }
  }
}

/**
 * Tells the server every day that it has otherwise than the vault.
 *
 * Signed is what the vault says. A change whose answer was lost is made up for here, and so is
 * one by a client that knows no reminders.
 */
export async function settleDays(
  http: Http,
  { history: { vaultId }, shown }: Pick<Contents, 'history' | 'shown'>
): Promise<void> {
  const known = readDays(await http.get(`/api/keys/vaults/${vaultId}/expiring`))
  const differing = new Map<string, string | null>()
  for (const id of known.keys()) if (!shown.has(id)) differing.set(id, null)
  for (const [id, { row }] of shown) {
    const day = reminderDay(row.overview)
    if (day !== (known.get(id) ?? null)) differing.set(id, day)
  }
  await tellDays(http, vaultId, differing)
}
