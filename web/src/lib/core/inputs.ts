/** What people type, checked before anything is derived or sent. */
import type { Bytes } from '../crypto/bytes.ts'
import { parseAccountKey } from '../crypto/codes.ts'
import { normalisePassword } from '../crypto/kdf.ts'
import type { DeviceRecord } from './device.ts'
import { CoreError } from './errors.ts'
import { toCoreError } from './failures.ts'

/** An address, as the server keeps it. */
export function checkedEmail(typed: string): string {
  const email = typed.trim().toLowerCase()
  if (!/^[^@\s]+@[^@\s]+$/.test(email) || email.length > 254) {
    throw new CoreError('mistyped', 'not an address', { field: 'email' })
  }
  return email
}

/** A password as it is stretched. */
export function checkedPassword(
  typed: string,
  code: 'mistyped' | 'wrong-password' = 'mistyped'
): Bytes {
  try {
    return normalisePassword(typed)
  } catch (ex) {
    throw new CoreError(code, toCoreError(ex).message, { field: 'password' })
  }
}

/** The account key that was typed, else the one that this browser knows. */
export async function chooseAccountKey(
  typed: string | undefined,
  known: DeviceRecord | null
): Promise<Bytes> {
  if (typed === undefined || typed.trim() === '') {
    if (known === null || known.accountKey === null)
      throw new CoreError('account-key-needed', 'not known here', { field: 'accountKey' })
    return known.accountKey
  }
  try {
    return await parseAccountKey(typed)
  } catch (ex) {
    throw new CoreError('mistyped', toCoreError(ex).message, { field: 'accountKey' })
  }
}
