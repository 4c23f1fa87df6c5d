/** One-time links: whoever has one reads what was sealed, without an account, so many times. */
import { type Bytes, idBytes, idText, utf8 } from './bytes.ts'
import { ObjectType } from './encoding.ts'
import { Broken } from './errors.ts'
import { expand, hkdf } from './hashes.ts'
import { LINK_SECRET } from './invitations.ts'
import { strictJson } from './json.ts'
import { open, seal } from './seal.ts'
import { asArray, asFlag, asString, exactly } from './shape.ts'

/** What the secret of a link stands for. */
export type LinkKeys = { linkId: string; sealKey: Bytes }

/** What a link hands over: one named value or more. */
export type Message = {
  name: string
  fields: { name: string; value: string; concealed: boolean }[]
  notes: string
}

/** Derives a link's id and key from its secret, which stands in the fragment and nowhere else. */
export async function deriveLink(secret: Bytes): Promise<LinkKeys> {
  if (secret.length !== LINK_SECRET) throw new Broken('wrong length')
  const zeros = new Uint8Array(32)
  const masterKey = await hkdf(secret, zeros, utf8('keyarc/ka1/one-time-link\0'), 32)
  return {
    linkId: idText(await expand(masterKey, 'keyarc/ka1/link-id', 16)),
    sealKey: await expand(masterKey, 'keyarc/ka1/link-seal', 32)
  }
}

/** The plaintext of a message. */
export function encodeMessage({ name, fields, notes }: Message): Bytes {
  const named = fields.map(({ name, value, concealed }) => ({ name, value, concealed }))
  return utf8(JSON.stringify({ ka: 1, name, fields: named, notes }))
}

/** Seals a message for whoever has the link. */
export function sealMessage({ linkId, sealKey }: LinkKeys, message: Message): Promise<Bytes> {
  return seal(sealKey, ObjectType.ONE_TIME_LINK, [idBytes(linkId)], encodeMessage(message))
}

/** Opens what the maker of the link sealed. */
export async function openMessage({ linkId, sealKey }: LinkKeys, blob: Bytes): Promise<Message> {
  const plaintext = await open(sealKey, ObjectType.ONE_TIME_LINK, [idBytes(linkId)], blob)
  const json = exactly(strictJson(plaintext), 'ka', 'name', 'fields', 'notes')
  const fields = asArray(json.fields).map((one) => {
    const { name, value, concealed } = exactly(one, 'name', 'value', 'concealed')
    return { name: asString(name), value: asString(value), concealed: asFlag(concealed) }
  })
  if (json.ka !== 1 || fields.length === 0) throw new Broken('unknown message')
  return { name: asString(json.name), fields, notes: asString(json.notes) }
}
