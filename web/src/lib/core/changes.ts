/** A change of one's own account: sent once, and never half known to this browser. */
import { Offline, Problem } from '../api/http.ts'
import { type Profile, readProfile } from '../api/profile.ts'
import { equal } from '../crypto/bytes.ts'
import type { Device, DeviceRecord } from './device.ts'
import type { World } from './holder.ts'
import { prelogin } from './keys.ts'

/** What is sent, how a profile tells that it was done, and what this browser then keeps. */
export type Change = {
  path: string
  body: object
  done: (now: Profile) => boolean
  next: DeviceRecord | null
}

type Ways = Pick<World, 'http' | 'device'>

const OVERTAKEN = new Set(['stale-head', 'stale-revision'])

/** Asks for the account as the server knows it. */
export async function fetchProfile({ http }: Pick<World, 'http'>): Promise<Profile> {
  return readProfile(await http.get('/api/account/profile'))
}

/** Whether the server may have done what it was asked, for all that one knows. */
export function isLost(ex: unknown): boolean {
  return ex instanceof Offline || (ex instanceof Problem && ex.status >= 500)
}

/**
 * Sends a change. The record that will hold is planned before: whatever is cut off, `settle`
 * finds out what became of it.
 *
 * @returns false where others wrote in between, and the change is to be made anew
 */
export async function carryOut(ways: Ways, change: Change): Promise<boolean> {
  const { device } = ways
  const { next } = change
  if (next !== null) await device.plan(next)
  try {
    await put(ways, change)
  } catch (ex) {
    const now = await fetchProfile(ways).catch(() => {
      throw ex
    })
    if (!change.done(now)) {
      if (isLost(ex)) throw ex
      await device.plan(null)
      if (ex instanceof Problem && OVERTAKEN.has(ex.slug)) return false
      throw ex
    }
  }
  if (next !== null) await take(device, next)
  return true
}

/** After a lost answer it asks once more; then nothing is on its way any longer. */
async function put({ http }: Ways, { path, body }: Change): Promise<void> {
  try {
    await http.put(path, body)
  } catch (ex) {
    if (!isLost(ex)) throw ex
    await http.put(path, body)
  }
}

/** Decides between two sets of keys, where an answer was lost: nobody else makes the same salt. */
export async function settle({ http, device }: Ways): Promise<void> {
  const planned = await device.planned()
  if (planned === null) return
  const { salt } = await prelogin(http, planned.email)
  if (equal(salt, planned.salt)) await take(device, planned)
  else await device.plan(null)
}

async function take(device: Device, planned: DeviceRecord): Promise<void> {
  const known = await device.load()
  // another tab may have saved a later keyring meanwhile
  const later = known?.userId === planned.userId && known.revision > planned.revision
  const keyring = later ? { revision: known.revision, keyring: known.keyring } : {}
  await device.save({ ...planned, ...keyring })
  await device.plan(null)
}
