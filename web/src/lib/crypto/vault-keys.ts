/** Vault keys, and the commitment to one that stands in a vault's history. */
import { type Bytes, concat, equal, idBytes, randomBytes, u64, utf8 } from './bytes.ts'
import { Broken } from './errors.ts'
import { expand } from './hashes.ts'

/** 32 random bytes, for one epoch of one vault. */
export function makeVaultKey(): Bytes {
  return randomBytes(32)
}

/** What the history says of a vault key: enough to recognise it, nothing to open with. */
export function vkCommit(vaultKey: Bytes, vaultId: string, epoch: bigint): Promise<Bytes> {
  if (vaultKey.length !== 32) throw new Broken('wrong length')
  const info = concat(utf8('keyarc/ka1/vkc\0'), idBytes(vaultId), u64(epoch))
  return expand(vaultKey, info, 32)
}

/** Refuses a vault key that is not the one of the history. */
export async function checkVaultKey(
  vaultKey: Bytes,
  vaultId: string,
  epoch: bigint,
  commitment: Uint8Array
): Promise<void> {
  if (!equal(await vkCommit(vaultKey, vaultId, epoch), commitment)) throw new Broken()
}
