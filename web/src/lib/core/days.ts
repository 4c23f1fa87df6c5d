/** The days that the server knows: it writes letters on them, and cannot tell what they are for. */
import type { Http } from '../api/http.ts'
import { readDays } from '../api/reminders.ts'
import type { Contents } from './contents.ts'
import { reminderDay } from './expiry.ts'

/** Days by secret; null takes one away. */
export type Days = ReadonlyMap<string, string | null>

/** How many the server takes at once. */
const MOST = 10_000

/**
 * Sets the day of each secret, or takes it away, after the change that says so.
 *
 * The server passes over what somebody has removed, and its reminder with it.
 */
export async function tellDays(http: Http, vaultId: string, days: Days): Promise<void> {
  const items = [...days].map(([secret_id, day]) => ({ secret_id, day }))
  for (let first = 0; first < items.length; first += MOST) {
    const part = items.slice(first, first + MOST)
    await http.put(`/api/keys/vaults/${vaultId}/reminders`, { items: part })
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
