/** Asking passkeys. What their PRF gives goes to the core and nowhere else. */
import type { PasskeyAnswer, PasskeyRequest } from './core/index.ts'
import { CoreError } from './core/errors.ts'

type Answered = { id: string; clientExtensionResults: object }
type Results = { prf?: { results?: { first?: BufferSource } } }

/** Whether this browser has passkeys here: they belong to a name, never to a bare address. */
export function hasPasskeys(): boolean {
  return 'PublicKeyCredential' in globalThis && !/^[\d.]+$|:/.test(location.hostname)
}

/** Has a passkey sign a challenge and evaluate its PRF. */
export async function askPasskey(request: PasskeyRequest): Promise<PasskeyAnswer> {
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const optionsJSON = {
    challenge: request.challenge,
    allowCredentials: request.passkeys.map((id) => ({ id, type: 'public-key' as const })),
    userVerification: 'required' as const,
    extensions: evaluating(request.prfInput)
  }
  return split(await startAuthentication({ optionsJSON }).catch(unused))
}

/** Has a passkey sign a challenge, where nothing is to be opened by it. */
export async function signByPasskey(challenge: string, passkeys: string[]): Promise<object> {
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const allowCredentials = passkeys.map((id) => ({ id, type: 'public-key' as const }))
  const optionsJSON = { challenge, allowCredentials, userVerification: 'required' as const }
  return split(await startAuthentication({ optionsJSON }).catch(unused)).credential
}

/** Makes a passkey by the server's options. */
export async function makePasskey(options: object, prfInput: Uint8Array): Promise<PasskeyAnswer> {
  const { startRegistration } = await import('@simplewebauthn/browser')
  type Options = Parameters<typeof startRegistration>[0]['optionsJSON']
  const optionsJSON = { ...options, extensions: evaluating(prfInput) } as Options
  return split(await startRegistration({ optionsJSON }).catch(unused))
}

function evaluating(first: Uint8Array): object {
  return { prf: { eval: { first } } }
}

/** Takes what the PRF gave out of what is sent. */
function split<A extends Answered>(answered: A): PasskeyAnswer {
  const first = (answered.clientExtensionResults as Results).prf?.results?.first
  const raw = first instanceof ArrayBuffer ? new Uint8Array(first) : null
  const credential = { ...answered, clientExtensionResults: {} }
  return { id: answered.id, credential, prf: raw }
}

function unused(ex: unknown): never {
  const known = ex instanceof Error && ex.name === 'InvalidStateError'
  throw new CoreError(known ? 'passkey-known' : 'passkey-unused', String(ex))
}
