/** One's own keys of a vault: held to its history, and fetched where somebody else changed them. */
import { readKeyring } from '../api/answers.ts'
import { readShares, type SentShare } from '../api/sharing.ts'
import { type Bytes, equal } from '../crypto/bytes.ts'
import { Broken, KeyMissing } from '../crypto/errors.ts'
import { openShare } from '../crypto/sharing.ts'
import { vkCommit } from '../crypto/vault-keys.ts'
import type { Context } from './context.ts'
import type { Grant } from './grants.ts'
import type { History } from './history.ts'

/** The shares that wait for this person. */
export async function fetchShares({ http }: Pick<Context, 'http'>): Promise<SentShare[]> {
  return readShares(await http.get('/api/account/shares'))
}

/** Makes the keyring's keys of a vault those of its followed history, or says `KeyMissing`. */
export async function settleKeys(context: Context, history: History): Promise<void> {
  const { epoch } = history.state
  await dropOthers(context, history)
  if (has(context, history)) return
  const grant = history.grants.rotation(epoch)
  if (grant !== undefined && grant.granter.userId !== context.keys.userId) {
    await takeShare(context, history, grant)
  } else {
    // another device of the same person made the key, or followed the history to it
    const { keeper, http } = context
    await keeper.take(readKeyring(await http.get('/api/account/keyring')))
    await dropOthers(context, history)
  }
  if (!has(context, history)) throw new KeyMissing('no key of the current epoch')
}

/** Opens the share that came with a grant; null where none came. */
export async function openGranted(
  { keys }: Context,
  history: History,
  grant: Grant,
  shares: readonly SentShare[]
): Promise<Map<bigint, Bytes> | null> {
  const { vaultId, state } = history
  const { granter, epoch, head } = grant
  const sent = shares.find(
    (one) =>
      one.vaultId === vaultId &&
      one.recipientId === keys.userId &&
      one.senderId === granter.userId &&
      one.epoch === epoch
  )
  if (sent === undefined) return null
  const about = { vaultId, epoch, head }
  return openShare(keys.identity, granter, about, sent, state.parts.epochs)
}

async function takeShare(context: Context, history: History, grant: Grant): Promise<void> {
  const opened = await openGranted(context, history, grant, await fetchShares(context))
  const { keyring } = context.keeper
  for (const [epoch, key] of opened ?? []) keyring.addVaultKey(history.vaultId, epoch, key)
}

function has({ keeper }: Context, { vaultId, state }: History): boolean {
  return keeper.keyring.vaultKeys(vaultId).has(state.epoch)
}

/** A candidate that another key took the place of goes; any other key must be its epoch's. */
export async function dropOthers({ keeper }: Context, { vaultId, state }: History): Promise<void> {
  const { keyring } = keeper
  for (const [epoch, key] of [...keyring.vaultKeys(vaultId)]) {
    const commitment = state.parts.epochs.get(epoch)
    if (commitment === undefined) {
      // beyond the history there may be what one is about to send, and nothing else
      if (!keyring.isCandidate(vaultId, epoch)) throw new Broken('a key of no epoch')
    } else if (!equal(await vkCommit(key, vaultId, epoch), commitment)) {
      keyring.dropCandidate(vaultId, epoch)
    }
  }
}
