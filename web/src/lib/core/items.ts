/** What a secret and a vault say inside their seals: JSON, read strictly, written whole. */
import { type Bytes, utf8 } from '../crypto/bytes.ts'
import { Broken } from '../crypto/errors.ts'
import { type Json, type JsonObject, strictJson } from '../crypto/json.ts'
import { asArray, asFlag, asObject, asString, asWhole, having, orNull } from '../crypto/shape.ts'
import type { Check, Details, Field, Kind, Overview } from './types.ts'

const KINDS: readonly string[] = ['api_key', 'certificate', 'password', 'note', 'other']

/** A vault's name and looks. */
export type Profile = { name: string; description: string; icon: string }

const asKind = (value: Json): Kind => {
  const kind = asString(value)
  return KINDS.includes(kind) ? (kind as Kind) : 'other'
}

const asCheck = (value: Json): Check => orNull(value, asObject)

const asStrings = (value: Json): string[] => asArray(value).map(asString)

/** Reads an overview. */
export function readOverview(json: Json): Overview {
  const o = having(
    json,
    'name',
    'kind',
    'provider',
    'path',
    'tags',
    'environment',
    'expires_at',
    'reminder',
    'rotate_days',
    'rotated_at',
    'check',
    'fingerprints',
    'updated_at'
  )
  return {
    name: asString(o.name),
    kind: asKind(o.kind),
    provider: orNull(o.provider, asString),
    path: asString(o.path),
    tags: asStrings(o.tags),
    environment: orNull(o.environment, asString),
    expires_at: orNull(o.expires_at, asString),
    reminder: orNull(o.reminder, asWhole),
    rotate_days: orNull(o.rotate_days, asWhole),
    rotated_at: asString(o.rotated_at),
    check: asCheck(o.check),
    fingerprints: asStrings(o.fingerprints),
    updated_at: asString(o.updated_at)
  }
}

function readField(json: Json): Field {
  const { name, value, concealed } = having(json, 'name', 'value', 'concealed')
  return { name: asString(name), value: asString(value), concealed: asFlag(concealed) }
}

/** Reads details; they hold one value at least. */
export function readDetails(json: Json): Details {
  const d = having(json, 'fields', 'notes', 'check', 'certificate')
  const fields = asArray(d.fields).map(readField)
  if (fields.length === 0) throw new Broken('no value')
  return {
    fields,
    notes: asString(d.notes),
    check: asCheck(d.check),
    certificate: orNull(d.certificate, asString)
  }
}

/** Reads a vault's profile. */
export function readProfile(plaintext: Bytes): Profile {
  const { name, description, icon } = having(strictJson(plaintext), 'name', 'description', 'icon')
  return { name: asString(name), description: asString(description), icon: asString(icon) }
}

/** JSON as bytes, with the keys of `known` that this version does not write kept as they were. */
export function writeJson(value: object, known: Json = null): Bytes {
  const kept = typeof known === 'object' && !Array.isArray(known) ? known : null
  const whole: JsonObject = Object.assign({}, kept, value)
  return utf8(JSON.stringify(whole))
}
