/** The server's answers about members, shares and invitations, read strictly. */
import { type Bytes, idBytes, parseU64, unb64 } from '../crypto/bytes.ts'
import { checkBlob, ObjectType } from '../crypto/encoding.ts'
import { Broken } from '../crypto/errors.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asFlag, asString, having, orNull } from '../crypto/shape.ts'
import type { ClaimedHead, Page } from './answers.ts'

const BUCKETS = 256 * 32

function readId(value: Json): string {
  const id = asString(value)
  idBytes(id)
  return id
}

function whole(json: Json): Json[] {
  const { items, next } = having(json, 'items', 'next')
  if (next !== null) throw new Broken('a list that goes on')
  return asArray(items)
}

/** What the server says of a member beside what the history says. */
export type SaidMember = {
  userId: string
  email: string | null
  machine: boolean
  joinedAt: string
}

/** Reads the members of a vault; roles are the history's to say. */
export function readMembers(json: Json): SaidMember[] {
  return whole(json).map((item) => {
    const { user_id, email, machine, joined_at } = having(
      item,
      'user_id',
      'email',
      'machine',
      'joined_at'
    )
    return {
      userId: readId(user_id),
      email: orNull(email, asString),
      machine: asFlag(machine),
      joinedAt: asString(joined_at)
    }
  })
}

/** Who the directory says has an address: a hint, and never by itself a recipient. */
export function readFound(json: Json): Bytes {
  const { user_id, idcert } = having(json, 'user_id', 'idcert')
  readId(user_id)
  return unb64(idcert)
}

/** A share that was sent to somebody. */
export type SentShare = {
  vaultId: string
  recipientId: string
  epoch: bigint
  senderId: string
  head: Bytes
  ciphertext: Bytes
  signature: Bytes
}

/** Reads the shares that wait. */
export function readShares(json: Json): SentShare[] {
  return whole(json).map((item) => {
    const one = having(
      item,
      'vault_id',
      'recipient_id',
      'epoch',
      'sender_id',
      'head',
      'ciphertext',
      'signature'
    )
    return {
      vaultId: readId(one.vault_id),
      recipientId: readId(one.recipient_id),
      epoch: parseU64(one.epoch),
      senderId: readId(one.sender_id),
      head: unb64(one.head, 32),
      ciphertext: unb64(one.ciphertext),
      signature: unb64(one.signature, 64)
    }
  })
}

/** An invitation with what its holder needs to join. */
export type OfferedVault = {
  vaultId: string
  blob: Bytes
  head: ClaimedHead
  /** The 256 hashes of the state of that head. */
  buckets: Bytes
  idcerts: Bytes[]
  profile: { epoch: bigint; seq: bigint; blob: Bytes }
}

/** Reads an invitation. */
export function readOffer(json: Json): OfferedVault {
  const offer = having(json, 'vault_id', 'blob', 'head', 'buckets', 'idcerts', 'profile')
  const head = having(offer.head, 'seq', 'hash', 'state')
  const profile = having(offer.profile, 'epoch', 'seq', 'blob')
  const blobOf = (value: Json, type: ObjectType): Bytes => {
    const blob = unb64(value)
    checkBlob(blob, type)
    return blob
  }
  return {
    vaultId: readId(offer.vault_id),
    blob: blobOf(offer.blob, ObjectType.INVITATION),
    head: { seq: parseU64(head.seq), hash: unb64(head.hash, 32), state: unb64(head.state, 32) },
    buckets: unb64(offer.buckets, BUCKETS),
    idcerts: asArray(offer.idcerts).map((idcert) => unb64(idcert)),
    profile: {
      epoch: parseU64(profile.epoch),
      seq: parseU64(profile.seq),
      blob: blobOf(profile.blob, ObjectType.VAULT_PROFILE)
    }
  }
}

/** Reads the commits that end with one's own removal. */
export function readRemoval(json: Json): Page {
  const { items, next } = having(json, 'items', 'next')
  const commits = asArray(items).map((item) => {
    const { commit, signature } = having(item, 'commit', 'signature')
    return { commit: unb64(commit), signature: unb64(signature, 64) }
  })
  return { commits, next: orNull(next, parseU64) }
}
