/** The Emergency Kit as text, for those who keep files rather than paper. */

/** What a kit tells. */
export type Kit = { email: string; accountKey: string; recoveryCode: string; made: Date }

/** A kit, or a part of one where only that is new. */
export type Sheet = Pick<Kit, 'email' | 'made'> & Partial<Kit>

/** The kit as text, to be kept where only its owner looks. */
export function kitText({ email, accountKey, recoveryCode, made }: Sheet): string {
  const lines = [
    `KeyArc Emergency Kit\nmade ${made.toISOString().slice(0, 10)} for ${email}\n`,
    `Address        ${location.origin}`,
    `E-mail         ${email}`
  ]
  const advice = ['']
  if (accountKey !== undefined) {
    lines.push(`Account key    ${accountKey}`)
    advice.push(
      'A new browser asks for the account key, besides your password.',
      'Keep this where only you look; without your password, the account key opens nothing.'
    )
  }
  if (recoveryCode !== undefined) {
    lines.push(`Recovery code  ${recoveryCode}`)
    advice.push(
      'The recovery code replaces a forgotten password.',
      'It opens everything: keep it as you keep a passport.'
    )
  }
  return [...lines, ...advice, 'Nobody can make these codes again.', ''].join('\n')
}

/** Hands the reader a file. */
export function download(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
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
