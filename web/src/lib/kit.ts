/** The Emergency Kit as text, for those who keep files rather than paper. */

/** What a kit tells. */
export type Kit = { email: string; accountKey: string; recoveryCode: string; made: Date }

/** The whole kit, to be kept where only its owner looks. */
export function kitText({ email, accountKey, recoveryCode, made }: Kit): string {
  return `KeyArc Emergency Kit
made ${made.toISOString().slice(0, 10)} for ${email}

Address        ${location.origin}
E-mail         ${email}
Account key    ${accountKey}
Recovery code  ${recoveryCode}

A new browser asks for the account key, besides your password.
The recovery code replaces a forgotten password. Nobody can make either again.
Keep this where only you look; without your password, the account key opens nothing.
The recovery code opens everything: keep it as you keep a passport.
`
}

/** Hands the reader a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => {
    URL.revokeObjectURL(url)
  }, 1000)
}

/** A code as its reader may type it: spaces, hyphens, case and look-alikes do not matter. */
export function sameCode(typed: string, shown: string): boolean {
  const plain = (code: string): string =>
    code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  return plain(typed) === plain(shown)
}
