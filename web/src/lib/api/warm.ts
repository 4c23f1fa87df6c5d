/** Wakes the server while somebody is still typing: machines sleep until they are asked. */

const CALLS = ['/auth/health', '/api/warm']
/** Machines fall asleep after five minutes or more without a request. */
const AWAKE_MS = 4 * 60_000

let calledAt = -Infinity

/** Asks both sides of the server at once; nobody waits for the answers, and none are wanted. */
export function warm(): void {
  const now = Date.now()
  if (now - calledAt < AWAKE_MS) return
  calledAt = now
  for (const path of CALLS) {
    fetch(path, { credentials: 'omit', cache: 'no-store' }).catch(() => undefined)
  }
}
