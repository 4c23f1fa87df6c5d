/** A rotation: another user key and another identity, which every vault is told of. */
import { readKeyring } from '../api/answers.ts'
import { makeUserKey } from '../crypto/account-keys.ts'
import { b64, type Bytes } from '../crypto/bytes.ts'
import { Keyring } from '../crypto/keyring.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import type { Keys } from './keys.ts'
import { signNext } from './signing.ts'

/** Keys that nobody else knows yet, and what tells the vaults of them. */
export type Rotation = {
  keys: Keys
  keyring: Keyring
  /** The revision that the new keyring replaces. */
  replaces: bigint
  sealed: Bytes
  commits: { vault_id: string; commit: string; signature: string }[]
}

/**
 * Makes new keys. Nothing is encrypted to anybody: the vaults are those of the keyring, and each
 * hears of one new certificate, one's own, signed by the old key too.
 */
export async function rotation(
  { http, keys, keeper }: Context,
  all: Contents[]
): Promise<Rotation> {
  await keeper.take(readKeyring(await http.get('/api/account/keyring')))
  const identity = keys.identity.next()
  const idcert = await identity.idcert(keys)
  const userKey = makeUserKey()
  const keyring = await Keyring.parse(keeper.keyring.encode())
  const commits: Rotation['commits'] = []
  for (const contents of all) {
    await contents.refresh()
    const { vaultId, state } = contents.history
    const { commit, pin } = await signNext(keys, state, [{ op: 'rekey', idcert: idcert.raw }])
    // whoever opens this keyring later never needs the old certificate to follow the history
    keyring.raisePin(vaultId, pin)
    const [raw, signature] = [b64(commit.raw), b64(commit.signature)]
    commits.push({ vault_id: vaultId, commit: raw, signature })
  }
  const replaces = keeper.revision
  const sealed = await keyring.seal(userKey, keys.userId, replaces + 1n)
  return { keys: { ...keys, userKey, identity, idcert }, keyring, replaces, sealed, commits }
}
