/** Errors as a reader needs them: what happened, what was kept, what to do. */
import { CoreError, type CoreErrorCode } from './core/errors.ts'

/** An error in words; `until`, in ms, is when the server wants to be asked again. */
export type Notice = { title: string; text: string; until?: number }

const ADVICE: Record<CoreErrorCode, string> = {
  'account-exists': 'There is already an account with this e-mail. Log in instead.',
  'account-key-needed': 'This browser does not know the account key. Type it from your kit.',
  altered:
    'The server left out, added or brought back secrets: its list is not the one that the members signed, so none of it was used. Tell whoever runs the server.',
  'audit-broken':
    'The access log does not continue what this account has seen of it: rows were changed or are missing. Nothing was opened. Tell whoever runs the server.',
  broken:
    'What the server sent does not verify, so none of it was used. Try again; if it stays, tell whoever runs the server.',
  'challenge-ended': 'That took too long, or too many answers were wrong. Start again.',
  fork: 'The server shows another history of this vault than the one verified here, so it was not used. Compare the last change with another member, and tell whoever runs the server.',
  'key-missing':
    'The vault has a new key, and your share of it has not come yet. What you have stays. Try again later, or ask an owner or admin of the vault.',
  'keys-changed':
    'The keys of the account were changed elsewhere. Lock and unlock, then try again.',
  'link-over':
    'This link does not work (any more): it was used, cancelled, or is over. Ask for another one.',
  mistyped: 'The account key has a typing error. Compare it with your kit, group by group.',
  'name-taken':
    'There is one of that name that still works. Take another name, or revoke it first.',
  offline: 'The server cannot be reached. Check the connection, then try again.',
  'passkey-cannot-open':
    'This passkey does not open the vaults. Use your password; the passkey still serves as a second factor.',
  'passkey-known': 'This device already has a passkey for the account.',
  'passkey-unused': 'No passkey was used. Try again, or take another way.',
  'proof-needed': 'For this you must prove once more that it is you.',
  purged: 'Its content was taken away for good. The history has kept who changed it, and when.',
  refused: 'The server does not allow it. Your role in this vault may have changed.',
  rollback:
    'The server sent an older state than this browser has already seen, so it was not used. Tell whoever runs the server.',
  'session-ended': 'The session is over. Unlock again to go on.',
  stale: 'The vault changed at the same moment on another device. Try again.',
  'too-large': 'It is larger than the server takes. Make it smaller, or leave a part out.',
  'too-many-links':
    'You have as many links as anybody may have. Take some back in the settings first.',
  'too-many-requests': 'There were too many attempts.',
  unavailable: 'The server does not answer; it may be waking up. Try again in a moment.',
  unsigned:
    'The server sent a change that no member with that right has signed, so it was not used. Tell whoever runs the server.',
  'vaults-shared':
    'Others use a vault that you own. Hand it over or delete it first; nothing was deleted.',
  'vaults-waiting':
    'A vault that somebody shared with you waits for your answer. Take it or turn it down first.',
  'wrong-code': 'That code is not right, or it was used before. Wait for the next one.',
  'wrong-credentials': 'E-mail, password and account key do not belong together. Check all three.',
  'wrong-password': 'That is not the password. Try again.'
}

/** Puts an error into words; `kept` says what the reader still has. */
export function explain(error: unknown, title: string, kept = ''): Notice {
  const text = [kept, advice(error)].filter((part) => part !== '').join(' ')
  const limited = error instanceof CoreError && error.code === 'too-many-requests'
  if (!limited || error.retryAfter === undefined) return { title, text }
  return { title, text, until: Date.now() + error.retryAfter * 1000 }
}

/** Puts a failed change of keys into words; with a lost answer nobody knows yet which ones hold. */
export function explainChange(error: unknown): Notice {
  const lost =
    error instanceof CoreError && (error.code === 'offline' || error.code === 'unavailable')
  if (!lost) return explain(error, 'Nothing was changed', 'What held before goes on working.')
  const kept = 'Keep the old one as well as the new one until you have unlocked again.'
  return explain(error, 'It is not certain which one holds now', kept)
}

function advice(error: unknown): string {
  if (!(error instanceof CoreError))
    return 'Something in this page failed. Reload it and try again.'
  return ADVICE[error.code]
}
