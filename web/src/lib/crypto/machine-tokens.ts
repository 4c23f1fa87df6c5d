/** Machine tokens: the one secret of a machine, from which all its keys follow. */
import {
  type Bytes,
  concat,
  equal,
  idBytes,
  idText,
  lp,
  makeId,
  randomBytes,
  utf8
} from './bytes.ts'
import { decode, encode } from './crockford.ts'
import { Mistyped } from './errors.ts'
import { expand, hkdf, sha256 } from './hashes.ts'
import { deriveAuth } from './kdf.ts'

const PREFIX = 'kat1_'
const ID = 16
const SECRET = 32
const CHECK = 7
const CHARACTERS = ((ID + SECRET + CHECK) * 8) / 5

/** A machine's id and its secret. */
export type MachineToken = { machineId: string; secret: Bytes }

/** What a token proves itself with, and what opens the machine's identity and keyring. */
export type MachineKeys = { masterKey: Bytes; auth: Bytes; userKey: Bytes }

async function checkOf(machineId: Bytes, secret: Bytes): Promise<Bytes> {
  const hash = await sha256(utf8('keyarc/ka1/machine-token-check\0'), machineId, secret)
  return hash.slice(0, CHECK)
}

/** The token of a new machine. */
export function makeMachineToken(): MachineToken {
  return { machineId: makeId(), secret: randomBytes(SECRET) }
}

/** The token as it is copied. */
export async function showMachineToken({ machineId, secret }: MachineToken): Promise<string> {
  const id = idBytes(machineId)
  return PREFIX + encode(concat(id, secret, await checkOf(id, secret))).toLowerCase()
}

/** Reads a copied token; white space around it goes, any other slip is `Mistyped`. */
export async function parseMachineToken(copied: string): Promise<MachineToken> {
  const text = copied.trim()
  const digits = text.slice(PREFIX.length)
  if (!text.startsWith(PREFIX) || digits.length !== CHARACTERS) throw new Mistyped('no token')
  if (/[^0-9a-z]/.test(digits)) throw new Mistyped('not a character of a token')
  const raw = decode(digits.toUpperCase())
  const [id, secret] = [raw.slice(0, ID), raw.slice(ID, ID + SECRET)]
  if (!equal(raw.subarray(ID + SECRET), await checkOf(id, secret))) throw new Mistyped('mistyped')
  return { machineId: idText(id), secret }
}

/** Everything that follows from a token. */
export async function deriveMachineKeys({ machineId, secret }: MachineToken): Promise<MachineKeys> {
  const info = concat(utf8('keyarc/ka1/machine\0'), lp(idBytes(machineId)))
  const masterKey = await hkdf(secret, new Uint8Array(SECRET), info, 32)
  return {
    masterKey,
    auth: await deriveAuth(masterKey),
    userKey: await expand(masterKey, 'keyarc/ka1/user-key', 32)
  }
}
