/** Invitations by link: all that one is follows from the secret in the link's fragment. */
import { b64, type Bytes, equal, idBytes, idText, parseU64, unb64, utf8 } from './bytes.ts'
import { edPublicKey, edSign } from './ed25519.ts'
import { ObjectType } from './encoding.ts'
import { Broken } from './errors.ts'
import { expand, hkdf } from './hashes.ts'
import { type IdCert, parseIdcert } from './identity.ts'
import { strictJson } from './json.ts'
import { type Role, roleByte, roleOf } from './ops.ts'
import { type Pin, pinFromJson, pinToJson } from './pins.ts'
import { currentEpoch, encodeJoin, mayGive } from './roster.ts'
import { open, seal } from './seal.ts'
import { asObject, asString, exactly } from './shape.ts'
import { checkVaultKey } from './vault-keys.ts'

const LABEL = 'keyarc/ka1/invitation\0'

/** The length of the secret in a link. */
export const LINK_SECRET = 32

/** What the secret of an invitation stands for. */
export type InvitationKeys = { inviteId: string; publicKey: Bytes; seed: Bytes; sealKey: Bytes }

/** What an invitation says to whoever holds its link. */
export type Invitation = {
  vaultId: string
  inviter: IdCert
  /** The inviter's address, as they gave it. */
  email: string
  role: Role
  expiresMs: bigint
  /** The vault as it was when it was invited to: from there the joiner follows the history. */
  pin: Pin
  keys: ReadonlyMap<bigint, Bytes>
}

/** Derives an invitation's id and keys from the secret of its link. */
export async function deriveInvitation(secret: Bytes): Promise<InvitationKeys> {
  if (secret.length !== LINK_SECRET) throw new Broken('wrong length')
  const masterKey = await hkdf(secret, new Uint8Array(32), utf8(LABEL), 32)
  const seed = await expand(masterKey, 'keyarc/ka1/invite-sign', 32)
  return {
    inviteId: idText(await expand(masterKey, 'keyarc/ka1/invite-id', 16)),
    publicKey: await edPublicKey(seed),
    seed,
    sealKey: await expand(masterKey, 'keyarc/ka1/invite-seal', 32)
  }
}

/** The plaintext of an invitation. */
export function encodeInvitation(invitation: Invitation): Bytes {
  const { vaultId, inviter, email, role, expiresMs, pin, keys } = invitation
  return utf8(
    JSON.stringify({
      ka: 1,
      vault_id: vaultId,
      inviter: b64(inviter.raw),
      email,
      role: roleByte(role),
      expires_ms: String(expiresMs),
      pin: pinToJson(pin),
      keys: Object.fromEntries([...keys].map(([epoch, key]) => [String(epoch), b64(key)]))
    })
  )
}

/** Seals an invitation for the holder of its link. */
export function sealInvitation(
  { inviteId, sealKey }: InvitationKeys,
  invitation: Invitation
): Promise<Bytes> {
  const fields = [idBytes(invitation.vaultId), idBytes(inviteId)]
  return seal(sealKey, ObjectType.INVITATION, fields, encodeInvitation(invitation))
}

/**
 * Opens an invitation, if it agrees with itself: the state that it names knows the inviter, who may
 * give the role, and this very invitation; the current key is there, and each is of its epoch.
 */
export async function openInvitation(
  keys: InvitationKeys,
  vaultId: string,
  blob: Bytes
): Promise<Invitation> {
  const fields = [idBytes(vaultId), idBytes(keys.inviteId)]
  const invitation = await parseInvitation(
    await open(keys.sealKey, ObjectType.INVITATION, fields, blob)
  )
  if (invitation.vaultId !== vaultId) throw new Broken('another vault')
  await checkAgrees(invitation, keys)
  return invitation
}

async function checkAgrees(invitation: Invitation, link: InvitationKeys): Promise<void> {
  const { inviter, role, expiresMs, pin, keys, vaultId } = invitation
  const { roster, invites, epochs } = pin.parts
  const member = roster.get(inviter.userId)
  if (member === undefined || !equal(member.idcertHash, inviter.hash))
    throw new Broken('a stranger')
  if (!mayGive(member.role, role)) throw new Broken('not theirs to give')
  const invite = invites.get(link.inviteId)
  if (invite === undefined || !equal(invite.pk, link.publicKey)) throw new Broken('not open')
  if (invite.role !== role || invite.expiresMs !== expiresMs) throw new Broken('not as it was made')
  if (!keys.has(currentEpoch(pin.parts))) throw new Broken('no current key')
  for (const [epoch, key] of keys) {
    const commitment = epochs.get(epoch)
    if (commitment === undefined) throw new Broken('a key of no epoch')
    await checkVaultKey(key, vaultId, epoch, commitment)
  }
}

/** Reads what `encodeInvitation` wrote. */
export async function parseInvitation(plaintext: Bytes): Promise<Invitation> {
  const names = ['ka', 'vault_id', 'inviter', 'email', 'role', 'expires_ms', 'pin', 'keys'] as const
  const json = exactly(strictJson(plaintext), ...names)
  if (json.ka !== 1) throw new Broken('unknown invitation')
  const keys = Object.entries(asObject(json.keys)).map(
    ([epoch, key]) => [parseU64(epoch), unb64(key, 32)] as const
  )
  const vaultId = asString(json.vault_id)
  idBytes(vaultId)
  return {
    vaultId,
    inviter: await parseIdcert(unb64(json.inviter)),
    email: asString(json.email),
    role: roleOf(json.role),
    expiresMs: parseU64(json.expires_ms),
    pin: pinFromJson(json.pin),
    keys: new Map(keys)
  }
}

/** Signs that a person joins by the invitation. */
export async function signJoin(
  { inviteId, seed }: InvitationKeys,
  vaultId: string,
  idcert: Bytes
): Promise<Bytes> {
  return edSign(seed, await encodeJoin(vaultId, inviteId, idcert))
}
