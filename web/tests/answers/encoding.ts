/** `tests/vectors/encoding.json`. */
import { b64, idBytes, idText, parseU64, unb64 } from '../../src/lib/crypto/bytes.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { strictJson } from '../../src/lib/crypto/json.ts'
import { pad, unpad } from '../../src/lib/crypto/seal.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Reproduces every answer; gives their number. */
export async function encoding(v: Vectors): Promise<number> {
  const tally = new Tally()
  for (const { bytes, text } of v.base64url.accepted) {
    tally.same(b64(raw(bytes)), text, 'b64')
    tally.same(unb64(text), raw(bytes), 'unb64')
  }
  for (const text of v.base64url.refused) await tally.refuses(() => unb64(text), Broken, text)
  for (const text of v.u64.accepted) tally.same(String(parseU64(text)), text, 'u64')
  for (const text of v.u64.refused) {
    await tally.refuses(() => parseU64(text), Broken, `u64 ${String(text)}`)
  }
  for (const id of v.id.accepted) tally.same(idText(idBytes(id)), id, 'id')
  for (const id of v.id.refused) await tally.refuses(() => idBytes(id), Broken, `id ${String(id)}`)
  for (const { text, value } of v.json.accepted) {
    tally.same([strictJson(text)], [value], text)
  }
  for (const text of v.json.refused) await tally.refuses(() => strictJson(text), Broken, text)
  for (const utf8 of v.json.refused_utf8) {
    await tally.refuses(() => strictJson(raw(utf8)), Broken, utf8)
  }
  await padding(tally, v.padding)
  return tally.count
}

async function padding(tally: Tally, v: Vectors): Promise<void> {
  for (const { plaintext_length, padded_length } of v.lengths) {
    tally.same(pad(new Uint8Array(plaintext_length)).length, padded_length, 'padded length')
  }
  for (const { plaintext, padded } of v.padded) {
    tally.same(pad(raw(plaintext)), padded, 'padded')
    tally.same(unpad(raw(padded)), plaintext, 'plaintext')
  }
  for (const { why, padded } of v.refused) {
    await tally.refuses(() => unpad(raw(padded)), Broken, why)
  }
}
