/** `tests/vectors/approval.json`. */
import {
  approvedWords,
  openAccountKey,
  requestWords,
  sealAccountKey
} from '../../src/lib/crypto/approval.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Opens what the vectors seal, refuses what they refuse, and reads the words out loud. */
export async function approvals(v: Vectors): Promise<number> {
  const tally = new Tally()
  const asked = { userId: v.user_id, email: v.email, xPk: raw(v.x_pk) }
  const sealed = raw(v.sealed)
  tally.same(await requestWords(asked.email, asked.xPk), v.request_words, 'request')
  tally.same(await approvedWords(asked.email, asked.xPk, sealed), v.approved_words, 'answer')
  tally.same(await openAccountKey(asked, raw(v.seed), sealed), v.account_key, 'account key')
  const own = await sealAccountKey(asked, raw(v.account_key))
  tally.same(await openAccountKey(asked, raw(v.seed), own), v.account_key, 'sealed here')
  for (const { why, user_id, email, seed, x_pk, sealed: blob } of v.refused) {
    const work = (): Promise<unknown> =>
      openAccountKey({ userId: user_id, email, xPk: raw(x_pk) }, raw(seed), raw(blob))
    await tally.refuses(work, Broken, why)
  }
  return tally.count
}
