/** A vault that the server does not list any more: whether its members signed that one is out. */
import { readRemoval } from '../api/sharing.ts'
import { Problem } from '../api/http.ts'
import { equal } from '../crypto/bytes.ts'
import { type Commit, parseCommit } from '../crypto/commits.ts'
import { Fork, Rollback } from '../crypto/errors.ts'
import { makePin } from '../crypto/pins.ts'
import { NO_HASH } from '../crypto/state-hash.ts'
import type { Context } from './context.ts'
import { History } from './history.ts'
import { dropOthers } from './shares.ts'

/** A vault that one is out of: since when, and by whom as user id. */
export type LostVault = { vaultId: string; name: string; by: string; timeMs: number }

/** Follows the commits that end with one's own removal; without them the vault is kept back. */
export async function followRemoval(
  context: Context,
  vaultId: string,
  name: string
): Promise<LostVault> {
  const { http, keeper, keys } = context
  const pin = keeper.keyring.pin(vaultId)
  if (pin === null) throw new Rollback('a vault is missing')
  const history = new History(http, vaultId, pin)
  for await (const commit of fetchAll(context, vaultId)) {
    if (commit.seq <= pin.head.seq) await history.certificates.addFrom(commit)
    if (commit.seq === pin.head.seq && !equal(commit.hash, pin.head.hash)) throw new Fork()
    if (commit.seq > pin.head.seq) await history.take(commit)
  }
  const { state } = history
  if (state.head.seq === pin.head.seq || state.member(keys.userId) !== undefined) {
    throw new Rollback('a vault is missing')
  }
  await dropOthers(context, history)
  keeper.keyring.raisePin(vaultId, makePin(state))
  keeper.keyring.setLeft(vaultId, true)
  const { author, timeMs } = history.head
  return { vaultId, name, by: author, timeMs }
}

/** From the genesis on: earlier commits bring the certificates, and their hashes lead to the pin. */
async function* fetchAll({ http }: Context, vaultId: string): AsyncGenerator<Commit> {
  let last = { seq: 0n, hash: NO_HASH }
  for (let after: bigint | null = 0n; after !== null;) {
    const path = `/api/account/vaults/${vaultId}/removal?after=${String(after)}`
    const page = readRemoval(await http.get(path).catch(keptBack))
    for (const { commit, signature } of page.commits) {
      const parsed = await parseCommit(commit, signature)
      // numbers without a gap: so nobody can go on for ever before the pin, where none is verified
      const next = parsed.seq === last.seq + 1n && equal(parsed.prev, last.hash)
      if (!next) throw new Fork('another history')
      last = parsed
      yield parsed
    }
    if (page.next !== null && page.commits.length === 0) throw new Rollback('a gap in the history')
    after = page.next
  }
}

function keptBack(ex: unknown): never {
  throw ex instanceof Problem && ex.status === 404 ? new Rollback('a vault is missing') : ex
}
