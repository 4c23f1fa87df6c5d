/** The one kind of error that leaves the core. */

/** Why the core did not do what it was asked. */
export type CoreErrorCode =
  | 'account-exists'
  | 'account-key-needed'
  | 'altered'
  | 'audit-broken'
  | 'broken'
  | 'challenge-ended'
  | 'fork'
  | 'key-missing'
  | 'keys-changed'
  | 'link-over'
  | 'mistyped'
  | 'name-taken'
  | 'offline'
  | 'passkey-cannot-open'
  | 'passkey-known'
  | 'passkey-unused'
  | 'proof-needed'
  | 'purged'
  | 'refused'
  | 'rollback'
  | 'session-ended'
  | 'stale'
  | 'too-large'
  | 'too-many-links'
  | 'too-many-requests'
  | 'unavailable'
  | 'unsigned'
  | 'vaults-shared'
  | 'vaults-waiting'
  | 'wrong-code'
  | 'wrong-credentials'
  | 'wrong-password'

/** A typed failure of the core. */
export class CoreError extends Error {
  override readonly name = 'CoreError'
  /** What went wrong, for a decision; the message is for a log. */
  readonly code: CoreErrorCode
  /** Seconds after which another try may succeed. */
  readonly retryAfter?: number
  /** The input that is at fault: `email`, `password`, `accountKey`, … */
  readonly field?: string

  constructor(
    code: CoreErrorCode,
    message: string = code,
    more: { retryAfter?: number | undefined; field?: string | undefined } = {}
  ) {
    super(message)
    this.code = code
    if (more.retryAfter !== undefined) this.retryAfter = more.retryAfter
    if (more.field !== undefined) this.field = more.field
  }
}
