/** What is wrong with what somebody typed, in words; none where nothing is. */

/** What is wrong with an e-mail address. */
export function emailFault(typed: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(typed.trim())) return ''
  return 'Type an e-mail address, like you@example.com.'
}

/** What is wrong with a new password. */
export function passwordFault(password: string): string {
  const text = password.normalize('NFKC')
  const { length } = Array.from(text)
  if (length < 12) return `At least 12 characters; these are ${length}.`
  if (new TextEncoder().encode(text).length > 1024) return 'At most 1,024 bytes: that is too long.'
  return ''
}
