/** The secret of an invitation's link: in memory, and out of the address before anything else. */

let secret = ''

/** Takes the secret out of the address, so that it is in no history and in no request. */
export function takeInvitation(): void {
  if (location.pathname !== '/join' || location.hash === '') return
  secret = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
}

/** What was taken, or the empty string. */
export function invitationSecret(): string {
  return secret
}

/** Forgets it, once it was answered. */
export function forgetInvitation(): void {
  secret = ''
}
