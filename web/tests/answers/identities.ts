/** `tests/vectors/identity.json` and `tests/vectors/share.json`. */
import { Identity } from '../../src/lib/crypto/account-keys.ts'
import { concat } from '../../src/lib/crypto/bytes.ts'
import { type Backend, checkEdPk, edVerify } from '../../src/lib/crypto/ed25519.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { parseIdcert } from '../../src/lib/crypto/identity.ts'
import { openShare, share } from '../../src/lib/crypto/sharing.ts'
import { vkCommit } from '../../src/lib/crypto/vault-keys.ts'
import { words } from '../../src/lib/crypto/words.ts'
import { checkXPk, type Hpke } from '../../src/lib/crypto/xwing.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Reproduces every identity by the given makers of signatures and keys. */
export async function identities(v: Vectors, ed: Backend, hpke: Hpke): Promise<number> {
  const tally = new Tally()
  for (const one of v.identities) {
    const publicKeys = [await ed.publicKey(raw(one.ed_seed)), await hpke.publicKey(raw(one.x_seed))]
    tally.same(publicKeys[0], one.ed_pk, 'ed25519 key')
    tally.same(publicKeys[1], one.x_pk, 'x-wing key')
    const previous =
      one.previous_idcert === null ? undefined : await parseIdcert(raw(one.previous_idcert))
    const cert = await parseIdcert(raw(one.idcert), previous)
    const signature = await ed.sign(raw(one.ed_seed), raw(one.signed))
    tally.same(concat(raw(one.signed), signature), one.idcert.slice(0, 2712), 'certificate')
    tally.same(cert.hash, one.idcert_hash, 'hash')
    const epoch = BigInt(one.key_epoch)
    tally.same(await words(one.user_id, cert.edPk, cert.xPk, epoch), one.words, 'words')
  }
  await sealed(tally, v)
  await refused(tally, v, ed)
  return tally.count
}

async function sealed(tally: Tally, v: Vectors): Promise<void> {
  for (const one of v.sealed) {
    const [keyset, epoch] = [BigInt(one.keyset), BigInt(one.key_epoch)]
    const opening = [raw(one.user_key), one.user_id, keyset, epoch, raw(one.blob)] as const
    const identity = await Identity.open(...opening)
    tally.same(await identity.edPk(), one.ed_pk, 'sealed identity')
    tally.same(await identity.xPk(), one.x_pk, 'sealed identity')
  }
}

async function refused(tally: Tally, v: Vectors, ed: Backend): Promise<void> {
  for (const { why, previous, idcert } of v.idcerts_refused) {
    const work = async (): Promise<unknown> =>
      parseIdcert(raw(idcert), previous === '' ? undefined : await parseIdcert(raw(previous)))
    await tally.refuses(work, Broken, why)
  }
  for (const { why, key } of v.ed25519_public_keys_refused) {
    await tally.refuses(() => checkEdPk(raw(key)), Broken, why)
  }
  for (const { why, key } of v.xwing_public_keys_refused) {
    await tally.refuses(() => checkXPk(raw(key)), Broken, why)
  }
  for (const { why, ed_pk, message, signature } of v.signatures_refused) {
    tally.same(await edVerify(raw(ed_pk), raw(message), raw(signature), ed), false, why)
  }
}

/** Opens the share by one way, and shares back and forth. */
export async function shares(v: Vectors, hpke: Hpke): Promise<number> {
  const tally = new Tally()
  const seed = raw(v.recipient.x_seed)
  const sealed = raw(v.ciphertext)
  tally.same(await hpke.publicKey(seed), v.recipient.x_pk, 'recipient')
  tally.same(await hpke.open(seed, raw(v.info), sealed), v.plaintext, 'keys')
  const recipient = new Identity(v.recipient.user_id, raw('07'.repeat(32)), seed, 1n)
  const epochs = new Map(
    await Promise.all(
      Object.entries<string>(v.keys).map(
        async ([e, key]) => [BigInt(e), await vkCommit(raw(key), v.vault_id, BigInt(e))] as const
      )
    )
  )
  const opening = async (one: Vectors, idcert: string): Promise<unknown> => {
    const sender = await parseIdcert(raw(idcert))
    const context = { vaultId: v.vault_id, epoch: BigInt(one.epoch), head: raw(one.head) }
    const sent = { ciphertext: raw(one.ciphertext), signature: raw(one.signature) }
    return openShare(recipient, sender, context, sent, epochs)
  }
  const keys = Object.entries(v.keys).map(([epoch, key]) => [epoch, key])
  tally.same(await opening(v, v.sender.idcert), keys, 'share')
  for (const one of v.refused) {
    await tally.refuses(() => opening(one, one.sender_idcert), Broken, one.why)
  }
  return tally.count + (await roundTrip())
}

async function roundTrip(): Promise<number> {
  const tally = new Tally()
  const sender = Identity.make('a2a3dbfb-36a7-4de4-906c-06367f074d05')
  const recipient = Identity.make('b7884af4-4367-495a-b486-175791c4b3c6')
  const vaultId = 'a4a8880b-d020-46b8-b983-0056fe16ffac'
  const context = { vaultId, epoch: 1n, head: raw('00'.repeat(32)) }
  const keys = new Map([[1n, raw('11'.repeat(32))]])
  const sent = await share(sender, await recipient.idcert(), context, keys)
  const epochs = new Map([[1n, await vkCommit(raw('11'.repeat(32)), vaultId, 1n)]])
  const opened = await openShare(recipient, await sender.idcert(), context, sent, epochs)
  tally.same(opened, keys, 'own share')
  tally.same(sent.ciphertext.length, 1120 + 40 + 16, 'length of a share')
  return tally.count
}
