/** `tests/vectors/invitation.json`. */
import { Identity } from '../../src/lib/crypto/account-keys.ts'
import { b64, concat, unb64 } from '../../src/lib/crypto/bytes.ts'
import { parseCommit } from '../../src/lib/crypto/commits.ts'
import { edPublicKey } from '../../src/lib/crypto/ed25519.ts'
import { ObjectType } from '../../src/lib/crypto/encoding.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { parseIdcert } from '../../src/lib/crypto/identity.ts'
import {
  deriveInvitation,
  encodeInvitation,
  openInvitation,
  signJoin
} from '../../src/lib/crypto/invitations.ts'
import { makePin, stateFromPin } from '../../src/lib/crypto/pins.ts'
import { encodeJoin } from '../../src/lib/crypto/roster.ts'
import { sealWithSalt } from '../../src/lib/crypto/seal.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Derives, opens, seals and answers the invitation. */
export async function invitations(v: Vectors): Promise<number> {
  const tally = new Tally()
  const link = await deriveInvitation(raw(v.secret))
  tally.same(b64(raw(v.secret)), v.fragment, 'fragment')
  tally.same(link.inviteId, v.invite_id, 'id')
  tally.same(link.seed, v.sign_seed, 'seed')
  tally.same(link.publicKey, v.public_key, 'public key')
  tally.same(await edPublicKey(link.seed), v.public_key, 'public key of the seed')
  tally.same(link.sealKey, v.seal_key, 'seal key')
  const opened = await openInvitation(link, v.vault_id, raw(v.blob))
  const plaintext = encodeInvitation(opened)
  tally.same(new TextDecoder().decode(plaintext), v.plaintext, 'plaintext')
  const fields = [raw(v.vault_id.replaceAll('-', '')), raw(v.invite_id.replaceAll('-', ''))]
  const sealed = sealWithSalt(link.sealKey, ObjectType.INVITATION, fields, plaintext, raw(v.salt))
  tally.same(await sealed, v.blob, 'blob')
  await answer(tally, v, link)
  const elsewhere = v.vault_id.replace('a4', 'a5')
  await tally.refuses(() => openInvitation(link, elsewhere, raw(v.blob)), Broken, 'another vault')
  const other = await deriveInvitation(raw(v.joiner.ed_seed))
  await tally.refuses(() => openInvitation(other, v.vault_id, raw(v.blob)), Broken, 'another link')
  await tally.refuses(() => deriveInvitation(raw(v.secret).slice(1)), Broken, 'half a secret')
  for (const { why, blob } of v.refused) {
    await tally.refuses(() => openInvitation(link, v.vault_id, raw(blob)), Broken, why)
  }
  return tally.count
}

/** Joins as the vectors do, knowing the hashes of the buckets and no secret. */
async function answer(
  tally: Tally,
  v: Vectors,
  link: Awaited<ReturnType<typeof deriveInvitation>>
): Promise<void> {
  const { pin } = await openInvitation(link, v.vault_id, raw(v.blob))
  const state = stateFromPin(v.vault_id, pin)
  tally.same(state.head.state, v.state_after_invite, 'state of the invitation')
  const { user_id, ed_seed } = v.joiner
  const idcert = await parseIdcert(raw(v.joiner.idcert))
  tally.same(await encodeJoin(v.vault_id, v.invite_id, idcert.raw), v.join_signed, 'what is signed')
  const signature = await signJoin(link, v.vault_id, idcert.raw)
  const op = { op: 'join', inviteId: v.invite_id, idcert: idcert.raw, signature } as const
  const buckets = unb64(v.buckets)
  const preview = await state.previewAt(buckets, [op], idcert, BigInt(v.join_time_ms))
  tally.same(preview.state, v.join_commit.state, 'state after it')
  const joined = await parseCommit(raw(v.join_commit.commit), raw(v.join_commit.signature))
  tally.same(joined.ops, [op], 'the answer')
  await state.apply(joined, idcert)
  tally.same(makePin(state).head.hash, v.join_commit.hash, 'hash')
  const signer = new Identity(user_id, raw(ed_seed), raw('07'.repeat(32)), 1n)
  tally.same(await signer.sign(joined.raw), joined.signature, 'signed by the joiner')
  const altered = concat(buckets.slice(32), buckets.slice(0, 32))
  const late = stateFromPin(v.vault_id, pin)
  const time = BigInt(v.join_time_ms)
  await tally.refuses(() => late.previewAt(altered, [op], idcert, time), Broken, 'other buckets')
}
