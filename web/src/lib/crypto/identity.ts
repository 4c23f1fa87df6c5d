/** Identity certificates: a person's public keys, signed by themselves. */
import { type Bytes, concat, equal, idBytes, idText, u64, utf8 } from './bytes.ts'
import { checkEdPk, edVerify } from './ed25519.ts'
import { Reader } from './encoding.ts'
import { Broken } from './errors.ts'
import { sha256 } from './hashes.ts'
import { checkXPk } from './xwing.ts'

const PREFIX = 'keyarc/ka1/identity\0'
const UNSIGNED = 20 + 16 + 32 + 1216 + 8
const SIGNATURE = 64

/** A checked certificate. */
export type IdCert = {
  readonly userId: string
  readonly edPk: Bytes
  readonly xPk: Bytes
  readonly keyEpoch: bigint
  readonly raw: Bytes
  /** SHA-256 of all of it, as rosters name it. */
  readonly hash: Bytes
}

/** What an identity signs: who has which keys, since which rotation. */
export function encodeIdentity(userId: string, edPk: Bytes, xPk: Bytes, keyEpoch: bigint): Bytes {
  return concat(utf8(PREFIX), idBytes(userId), edPk, xPk, u64(keyEpoch))
}

/**
 * Parses a certificate and checks its keys and its own signature.
 *
 * @param previous the certificate before it: then the old key's signature is checked too
 */
export async function parseIdcert(raw: Bytes, previous?: IdCert): Promise<IdCert> {
  const reader = new Reader(raw)
  reader.literal(PREFIX)
  const userId = reader.id()
  const edPk = reader.take(32)
  const xPk = reader.take(1216)
  const keyEpoch = reader.u64()
  const signature = reader.take(SIGNATURE)
  if (keyEpoch < 1n) throw new Broken('no such key epoch')
  const oldSignature = keyEpoch > 1n ? reader.take(SIGNATURE) : null
  reader.end()
  checkEdPk(edPk)
  checkXPk(xPk)
  const unsigned = raw.slice(0, UNSIGNED)
  if (!(await edVerify(edPk, unsigned, signature))) throw new Broken('bad signature')
  if (previous !== undefined) {
    const follows = previous.userId === userId && keyEpoch === previous.keyEpoch + 1n
    if (!follows || oldSignature === null) throw new Broken('does not follow')
    if (!(await edVerify(previous.edPk, unsigned, oldSignature))) throw new Broken('bad signature')
  }
  return { userId, edPk, xPk, keyEpoch, raw, hash: await sha256(raw) }
}

/** Whose certificate it says it is; only where it is checked besides does that mean anything. */
export function holderOf(raw: Bytes): string {
  return idText(raw.subarray(PREFIX.length, PREFIX.length + 16))
}

/** Parses a certificate whose hash is known from a roster. */
export async function parseKnownIdcert(raw: Bytes, hash: Uint8Array): Promise<IdCert> {
  if (!equal(await sha256(raw), hash)) throw new Broken('another certificate')
  return parseIdcert(raw)
}
