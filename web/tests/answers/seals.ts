/** `tests/vectors/seal.json` and `tests/vectors/keyring.json`. */
import { utf8 } from '../../src/lib/crypto/bytes.ts'
import { ObjectType } from '../../src/lib/crypto/encoding.ts'
import { Broken, Rollback } from '../../src/lib/crypto/errors.ts'
import { Keyring } from '../../src/lib/crypto/keyring.ts'
import { open, pad, SealingKey, sealWithSalt } from '../../src/lib/crypto/seal.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Reproduces every sealed object, to the byte. */
export async function seals(v: Vectors): Promise<number> {
  const tally = new Tally()
  for (const one of v.sealed) {
    const { name, type, plaintext, blob, message_key, nonce, commitment } = one
    const key = new SealingKey(raw(one.key))
    const fields = one.fields.map(raw)
    const okm = await key.derive(raw(one.salt), raw(one.context))
    tally.same(okm, message_key + nonce + commitment, `${name}: keys`)
    tally.same(pad(raw(plaintext)), one.padded, `${name}: padded`)
    tally.same(await sealWithSalt(key, type, fields, raw(plaintext), raw(one.salt)), blob, name)
    tally.same(await open(key, type, fields, raw(blob)), plaintext, `${name}: opened`)
  }
  for (const { why, key, type, fields, blob } of v.refused) {
    await tally.refuses(() => open(raw(key), type, fields.map(raw), raw(blob)), Broken, why)
  }
  return tally.count
}

/** Reproduces every keyring. */
export async function keyrings(v: Vectors): Promise<number> {
  const tally = new Tally()
  const userKey = raw(v.user_key)
  for (const { revision, salt, plaintext, blob } of v.keyrings) {
    const opened = await Keyring.open(userKey, v.user_id, BigInt(revision), raw(blob))
    tally.same(new TextDecoder().decode(opened.encode()), plaintext, 'keyring')
    tally.same(opened.minSuite, v.suite, 'smallest suite')
    const fields = [raw(v.user_id.replaceAll('-', '')), u64(revision)]
    const type = ObjectType.KEYRING
    tally.same(
      await sealWithSalt(userKey, type, fields, opened.encode(), raw(salt)),
      blob,
      'keyring'
    )
    await tally.refuses(
      () => Keyring.open(userKey, v.user_id, BigInt(revision + 1), raw(blob)),
      Broken,
      'revision'
    )
  }
  await joined(tally, v)
  for (const { why, plaintext } of v.refused) {
    await tally.refuses(() => Keyring.parse(utf8(plaintext)), Broken, why)
  }
  return tally.count
}

/** What two devices of one person come to, and which copies follow another. */
async function joined(tally: Tally, v: Vectors): Promise<void> {
  const parse = (text: string): Promise<Keyring> => Keyring.parse(utf8(text))
  for (const { base, other, joined } of v.joined) {
    const held = await parse(base)
    await held.merge(await parse(other))
    tally.same(new TextDecoder().decode(held.encode()), joined, 'joined')
  }
  const earlier = await parse(v.audits.earlier)
  for (const text of v.audits.follow) {
    const later = await parse(text)
    later.checkFollows(earlier)
    tally.count++
  }
  for (const text of v.audits.do_not) {
    const later = await parse(text)
    const check = (): void => {
      later.checkFollows(earlier)
    }
    await tally.refuses(check, Rollback, 'an access log that fell')
  }
}

function u64(n: number): Uint8Array {
  return raw(n.toString(16).padStart(16, '0'))
}
