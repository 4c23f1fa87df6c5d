/** Pins: every public part of a vault's state but the secrets, as a keyring keeps them. */
import { b64, type Bytes, idBytes, parseU64, unb64 } from './bytes.ts'
import { checkEdPk } from './ed25519.ts'
import { Broken } from './errors.ts'
import type { Json } from './json.ts'
import { roleByte, roleOf } from './ops.ts'
import type { Invite, Member, Parts, ProfileEntry } from './roster.ts'
import { asArray, asString, asTuple, exactly, orNull } from './shape.ts'
import { State, type StateHead } from './state.ts'

/** How far a history had come, and what it said then. */
export type Pin = { head: StateHead; parts: Parts }

/** The pin of a followed state. */
export function makePin(state: State): Pin {
  return { head: state.head, parts: state.parts }
}

/** The state to go on from; its secrets are to be loaded. */
export function stateFromPin(vaultId: string, pin: Pin): State {
  return State.pinned(vaultId, pin.parts, pin.head)
}

/** A pin as the keyring writes it. */
export function pinToJson({ head, parts }: Pin): Json {
  const { roster, invites, epochs, profile } = parts
  return {
    seq: String(head.seq),
    hash: b64(head.hash),
    state: b64(head.state),
    roster: byId(roster).map(([id, m]) => [id, roleByte(m.role), b64(m.idcertHash)]),
    invites: byId(invites).map(([id, i]) => [id, b64(i.pk), roleByte(i.role), String(i.expiresMs)]),
    epochs: [...epochs].map(([epoch, commitment]) => [String(epoch), b64(commitment)]),
    profile:
      profile === null ? null : [String(profile.epoch), String(profile.seq), b64(profile.blobHash)]
  }
}

/** Reads what `pinToJson` wrote. */
export function pinFromJson(value: Json): Pin {
  const json = exactly(value, 'seq', 'hash', 'state', 'roster', 'invites', 'epochs', 'profile')
  return {
    head: { seq: parseU64(json.seq), hash: unb64(json.hash, 32), state: unb64(json.state, 32) },
    parts: {
      roster: unique(asArray(json.roster).map(readMember)),
      invites: unique(asArray(json.invites).map(readInvite)),
      epochs: readEpochs(asArray(json.epochs)),
      profile: orNull(json.profile, readProfile)
    }
  }
}

function byId<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

function unique<T>(entries: [string, T][]): Map<string, T> {
  const map = new Map(entries)
  if (map.size !== entries.length) throw new Broken('an id twice')
  for (const id of map.keys()) idBytes(id)
  return map
}

function readMember(value: Json): [string, Member] {
  const [id, role, hash] = asTuple(value, 3)
  return [asString(id), { role: roleOf(role), idcertHash: unb64(hash, 32) }]
}

function readInvite(value: Json): [string, Invite] {
  const [id, pk, role, expires] = asTuple(value, 4)
  const invitePk = unb64(pk, 32)
  checkEdPk(invitePk)
  return [asString(id), { pk: invitePk, role: roleOf(role), expiresMs: parseU64(expires) }]
}

/** Epochs count from 1 without a gap. */
function readEpochs(values: Json[]): Map<bigint, Bytes> {
  const epochs = new Map<bigint, Bytes>()
  for (const value of values) {
    const [epoch, commitment] = asTuple(value, 2)
    if (parseU64(epoch) !== BigInt(epochs.size + 1)) throw new Broken('epochs with a gap')
    epochs.set(parseU64(epoch), unb64(commitment, 32))
  }
  return epochs
}

function readProfile(value: Json): ProfileEntry {
  const [epoch, seq, hash] = asTuple(value, 3)
  return { epoch: parseU64(epoch), seq: parseU64(seq), blobHash: unb64(hash, 32) }
}
