/** From what went wrong inside to the one error that leaves the core. */
import { Offline, Problem } from '../api/http.ts'
import {
  Altered,
  AuditBroken,
  Broken,
  Fork,
  KeyMissing,
  Mistyped,
  Rollback,
  Unsigned
} from '../crypto/errors.ts'
import { CoreError, type CoreErrorCode } from './errors.ts'

const BY_SLUG: Record<string, CoreErrorCode> = {
  'account-exists': 'account-exists',
  'challenge-ended': 'challenge-ended',
  'name-taken': 'name-taken',
  'not-signed-in': 'session-ended',
  'proof-needed': 'proof-needed',
  purged: 'purged',
  'secret-live': 'stale',
  'session-ended': 'session-ended',
  'stale-head': 'stale',
  'stale-keyset': 'keys-changed',
  'stale-revision': 'stale',
  'too-large': 'too-large',
  'too-many-links': 'too-many-links',
  'too-many-requests': 'too-many-requests',
  'vaults-shared': 'vaults-shared',
  'wrong-code': 'wrong-code',
  'wrong-credentials': 'wrong-credentials'
}

const OF_PUBLIC_DATA = [
  [Altered, 'altered'],
  [AuditBroken, 'audit-broken'],
  [Fork, 'fork'],
  [KeyMissing, 'key-missing'],
  [Rollback, 'rollback'],
  [Unsigned, 'unsigned']
] as const

const ALARMS: ReadonlySet<CoreErrorCode> = new Set([
  'altered',
  'audit-broken',
  'broken',
  'fork',
  'rollback',
  'unsigned'
])

function fromProblem(problem: Problem): CoreError {
  const { status, slug, retryAfter, message } = problem
  const known = BY_SLUG[slug]
  if (known !== undefined) return new CoreError(known, message, { retryAfter })
  if (status === 429) return new CoreError('too-many-requests', message, { retryAfter })
  if (status >= 500) return new CoreError('unavailable', message, { retryAfter })
  return new CoreError('refused', message)
}

/** Makes a `CoreError` of anything that was thrown. */
export function toCoreError(thrown: unknown): CoreError {
  if (thrown instanceof CoreError) return thrown
  if (thrown instanceof Problem) return fromProblem(thrown)
  if (thrown instanceof Offline) return new CoreError('offline', thrown.message)
  if (thrown instanceof Mistyped) return new CoreError('mistyped', thrown.message)
  if (thrown instanceof Broken) {
    const code = OF_PUBLIC_DATA.find(([kind]) => thrown instanceof kind)?.[1] ?? 'broken'
    return new CoreError(code, thrown.message)
  }
  return new CoreError('unavailable', thrown instanceof Error ? thrown.message : 'unknown failure')
}

/** Whether it shows that the server, or what it sent, is not to be believed. */
export function isAlarm(error: CoreError): boolean {
  return ALARMS.has(error.code)
}
