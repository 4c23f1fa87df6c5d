/** Handing the keys of a vault to a person whose identity is known: HPKE, and always signed. */
import type { Identity } from './account-keys.ts'
import { type Bytes, concat, concatAll, idBytes, u64, utf8 } from './bytes.ts'
import { edVerify } from './ed25519.ts'
import { Reader } from './encoding.ts'
import { Broken } from './errors.ts'
import { sha256 } from './hashes.ts'
import type { IdCert } from './identity.ts'
import { checkVaultKey } from './vault-keys.ts'
import { hpke } from './xwing.ts'

/** What a share is about; every part is bound into it. */
export type ShareContext = {
  vaultId: string
  /** The vault's current epoch. */
  epoch: bigint
  /** The hash of the vault's head. */
  head: Bytes
}

/** A share as it travels: the HPKE encapsulation and ciphertext, and the sender's signature. */
export type Share = { ciphertext: Bytes; signature: Bytes }

async function makeInfo(
  context: ShareContext,
  sender: { userId: string; edPk: Bytes },
  recipient: { userId: string; xPk: Bytes }
): Promise<Bytes> {
  return concat(
    utf8('keyarc/ka1/share\0'),
    idBytes(context.vaultId),
    u64(context.epoch),
    idBytes(sender.userId),
    sender.edPk,
    idBytes(recipient.userId),
    await sha256(recipient.xPk),
    context.head
  )
}

async function makeSigned(info: Bytes, ciphertext: Bytes): Promise<Bytes> {
  return concat(utf8('keyarc/ka1/sig/share\0'), await sha256(info), await sha256(ciphertext))
}

/** Seals vault keys, by epoch, to a recipient of the vault's signed roster. */
export async function share(
  sender: Identity,
  recipient: IdCert,
  context: ShareContext,
  keys: ReadonlyMap<bigint, Bytes>
): Promise<Share> {
  const info = await makeInfo(
    context,
    { userId: sender.userId, edPk: await sender.edPk() },
    recipient
  )
  const epochs = [...keys].sort(([a], [b]) => (a < b ? -1 : 1))
  const plaintext = concatAll(epochs.flatMap(([epoch, key]) => [u64(epoch), key]))
  const ciphertext = await (await hpke()).seal(recipient.xPk, info, plaintext)
  return { ciphertext, signature: await sender.sign(await makeSigned(info, ciphertext)) }
}

/**
 * Opens a share, and compares each key with the history's commitment to it.
 *
 * @param sender whoever rotated to that epoch or added the recipient, by the verified history
 * @param epochs the commitments of the verified history
 */
export async function openShare(
  recipient: Identity,
  sender: IdCert,
  context: ShareContext,
  { ciphertext, signature }: Share,
  epochs: ReadonlyMap<bigint, Bytes>
): Promise<Map<bigint, Bytes>> {
  const to = { userId: recipient.userId, xPk: await recipient.xPk() }
  const info = await makeInfo(context, sender, to)
  const signed = await makeSigned(info, ciphertext)
  if (!(await edVerify(sender.edPk, signed, signature))) throw new Broken()
  const keys = readKeys(await openSealed(recipient, info, ciphertext))
  if ([...keys.keys()].at(-1) !== context.epoch) throw new Broken()
  for (const [epoch, key] of keys) {
    const commitment = epochs.get(epoch)
    if (commitment === undefined) throw new Broken()
    await checkVaultKey(key, context.vaultId, epoch, commitment)
  }
  return keys
}

async function openSealed(recipient: Identity, info: Bytes, ciphertext: Bytes): Promise<Bytes> {
  try {
    return await recipient.openHpke(info, ciphertext)
  } catch {
    throw new Broken()
  }
}

function readKeys(plaintext: Bytes): Map<bigint, Bytes> {
  const reader = new Reader(plaintext)
  const keys = new Map<bigint, Bytes>()
  let last = 0n
  for (let left = plaintext.length; left > 0; left -= 40) {
    const epoch = reader.u64()
    if (epoch <= last) throw new Broken()
    keys.set(epoch, reader.take(32))
    last = epoch
  }
  reader.end()
  if (keys.size === 0) throw new Broken()
  return keys
}
