/** The secret of a link: in memory, and out of the address before anything else. */

/** The addresses that a link leads to: an invitation, and what is read without an account. */
const LINKS = ['/join', '/once'] as const
type Link = (typeof LINKS)[number]

const secrets = new Map<string, string>()

/** Takes the secret out of the address, so that it is in no history and in no request. */
export function takeLinkSecret(): void {
  const { hash, pathname } = location
  if (hash === '' || !LINKS.some((path) => path === pathname)) return
  secrets.set(pathname, hash.slice(1))
  history.replaceState(null, '', pathname)
}

/** What was taken, or the empty string. */
export function linkSecret(link: Link): string {
  return secrets.get(link) ?? ''
}

/** Whether it can be one: 32 bytes in base64url, of which the last character has four bits. */
export function isWhole(secret: string): boolean {
  return /^[\w-]{42}[AEIMQUYcgkosw048]$/.test(secret)
}

/** Forgets it, once it was answered. */
export function forgetLinkSecret(link: Link): void {
  secrets.delete(link)
}
