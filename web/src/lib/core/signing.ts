/** The next commit of a vault, signed by the account's own identity. */
import type { Bytes } from '../crypto/bytes.ts'
import { type Commit, signCommit } from '../crypto/commits.ts'
import { Forbidden } from '../crypto/errors.ts'
import type { Op } from '../crypto/ops.ts'
import type { Pin } from '../crypto/pins.ts'
import type { State } from '../crypto/state.ts'
import { CoreError } from './errors.ts'
import type { Keys } from './keys.ts'

/**
 * Signs what is to follow a state, and gives the pin of what it then will be.
 *
 * @param hashes those of the list's buckets, for a state whose list is not loaded
 */
export async function signNext(
  keys: Keys,
  state: State,
  ops: readonly Op[],
  hashes?: Bytes
): Promise<{ commit: Commit; pin: Pin }> {
  const timeMs = BigInt(Date.now())
  const previewed =
    hashes === undefined
      ? state.preview(ops, keys.idcert, timeMs)
      : state.previewAt(hashes, ops, keys.idcert, timeMs)
  const preview = await previewed.catch((ex: unknown) => {
    // one's own wish, and no server's doing
    throw ex instanceof Forbidden ? new CoreError('refused', ex.message) : ex
  })
  const draft = {
    vaultId: state.vaultId,
    seq: state.head.seq + 1n,
    prev: state.head.hash,
    timeMs,
    authorId: keys.userId,
    authorKeyEpoch: keys.idcert.keyEpoch,
    state: preview.state,
    ops
  }
  const commit = await signCommit(draft, keys.identity)
  const { seq, hash } = commit
  return { commit, pin: { head: { seq, hash, state: preview.state }, parts: preview.parts } }
}
