/** `tests/vectors/one_time_link.json`. */
import { b64 } from '../../src/lib/crypto/bytes.ts'
import { ObjectType } from '../../src/lib/crypto/encoding.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { deriveLink, encodeMessage, openMessage } from '../../src/lib/crypto/one-time-links.ts'
import { sealWithSalt } from '../../src/lib/crypto/seal.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Derives, opens and seals the link. */
export async function oneTimeLinks(v: Vectors): Promise<number> {
  const tally = new Tally()
  const link = await deriveLink(raw(v.secret))
  tally.same(b64(raw(v.secret)), v.fragment, 'fragment')
  tally.same(link.linkId, v.link_id, 'id')
  tally.same(link.sealKey, v.seal_key, 'seal key')
  const plaintext = encodeMessage(await openMessage(link, raw(v.blob)))
  tally.same(new TextDecoder().decode(plaintext), v.plaintext, 'plaintext')
  const fields = [raw(v.link_id.replaceAll('-', ''))]
  const sealed = sealWithSalt(
    link.sealKey,
    ObjectType.ONE_TIME_LINK,
    fields,
    plaintext,
    raw(v.salt)
  )
  tally.same(await sealed, v.blob, 'blob')
  const other = await deriveLink(raw(v.mk))
  await tally.refuses(() => openMessage(other, raw(v.blob)), Broken, 'another link')
  await tally.refuses(() => deriveLink(raw(v.secret).slice(1)), Broken, 'half a secret')
  for (const { why, blob } of v.refused) {
    await tally.refuses(() => openMessage(link, raw(blob)), Broken, why)
  }
  return tally.count
}
