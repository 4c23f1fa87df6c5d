/** What a keyring remembers of a vault, of a person and of an invitation, and its JSON. */
import { b64, type Bytes, equal, idBytes, parseU64, unb64 } from './bytes.ts'
import { Broken } from './errors.ts'
import { type IdCert, parseIdcert } from './identity.ts'
import type { Json } from './json.ts'
import { type How, type Role, roleByte, roleOf } from './ops.ts'
import { pinFromJson, pinToJson, type Pin } from './pins.ts'
import { currentEpoch } from './roster.ts'
import { asFlag, asObject, asString, asTuple, exactly, orNull } from './shape.ts'

/** How far the access log of a vault had come: its last row's number and hash. */
export type AuditPin = { seq: bigint; hash: Bytes }

/** What is known of one vault; one that was left is not expected from the server any more. */
export type VaultMemory = {
  keys: Map<bigint, Bytes>
  pin: Pin | null
  audit: AuditPin | null
  left: boolean
}

/** A person whose keys were verified, how, and the address they are known by here, or none. */
export type Person = { idcert: IdCert; verified: Exclude<How, 'machine'>; email: string }

/** An invitation that this person made; `email` is for whom, or empty. */
export type SentInvitation = { vaultId: string; role: Role; email: string; expiresMs: bigint }

/** A vault of which nothing is known yet. */
export function emptyMemory(): VaultMemory {
  return { keys: new Map(), pin: null, audit: null, left: false }
}

/**
 * Whether a key of this epoch is a candidate: whoever rotates keeps the new key before it is sent,
 * and until the pin has the epoch, another one may take its place.
 */
export function isCandidate({ pin }: VaultMemory, epoch: bigint): boolean {
  return pin !== null && epoch > currentEpoch(pin.parts)
}

function checkedId(id: string): string {
  idBytes(id)
  return id
}

/** What is remembered of a vault, as JSON. */
export function writeVault({ keys, pin, audit, left }: VaultMemory): Json {
  const sorted = [...keys].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    keys: Object.fromEntries(sorted.map(([epoch, key]) => [String(epoch), b64(key)])),
    pin: pin === null ? null : pinToJson(pin),
    audit: audit === null ? null : [String(audit.seq), b64(audit.hash)],
    left
  }
}

/** Reads what `writeVault` wrote. */
export function readVault(value: Json): VaultMemory {
  const json = exactly(value, 'keys', 'pin', 'audit', 'left')
  const keys = Object.entries(asObject(json.keys)).map(
    ([epoch, key]) => [parseU64(epoch), unb64(key, 32)] as const
  )
  if (keys.some(([epoch]) => epoch === 0n)) throw new Broken('no such epoch')
  return {
    keys: new Map(keys),
    pin: orNull(json.pin, pinFromJson),
    audit: orNull(json.audit, readAudit),
    left: asFlag(json.left)
  }
}

function readAudit(value: Json): AuditPin {
  const [seq, hash] = asTuple(value, 2)
  return { seq: parseU64(seq), hash: unb64(hash, 32) }
}

/** What is remembered of a person, as JSON. */
export function writePerson({ idcert, verified, email }: Person): Json {
  return { idcert: b64(idcert.raw), verified, email }
}

/** Reads what `writePerson` wrote. */
export async function readPerson(id: string, value: Json): Promise<Person> {
  const json = exactly(value, 'idcert', 'verified', 'email')
  const verified = asString(json.verified)
  if (verified !== 'link' && verified !== 'words') throw new Broken('verified how')
  const email = asString(json.email)
  const idcert = await parseIdcert(unb64(json.idcert))
  if (idcert.userId !== id) throw new Broken('another person')
  return { idcert, verified, email }
}

/** What is remembered of an invitation, as JSON. */
export function writeSent({ vaultId, role, email, expiresMs }: SentInvitation): Json {
  return { vault_id: vaultId, role: roleByte(role), email, expires_ms: String(expiresMs) }
}

/** Reads what `writeSent` wrote. */
export function readSent(value: Json): SentInvitation {
  const json = exactly(value, 'vault_id', 'role', 'email', 'expires_ms')
  return {
    vaultId: checkedId(asString(json.vault_id)),
    role: roleOf(json.role),
    email: asString(json.email),
    expiresMs: parseU64(json.expires_ms)
  }
}

/** The entries of an object whose keys are ids. */
export function entriesOf(value: Json): [string, Json][] {
  return Object.entries(asObject(value)).map(([id, one]) => [checkedId(id), one])
}

/** A map by ids as JSON. */
export function written<T>(map: ReadonlyMap<string, T>, write: (one: T) => Json): object {
  return Object.fromEntries([...map].map(([id, one]) => [id, write(one)]))
}

/** Whether a head lies before, or beside, an earlier one. */
export function fell(before: AuditPin | null, now: AuditPin | null): boolean {
  if (before === null) return false
  if (now === null || now.seq < before.seq) return true
  return now.seq === before.seq && !equal(now.hash, before.hash)
}
