/** The server's answers about reminders, read strictly: ids and days, and nothing of what for. */
import { idBytes } from '../crypto/bytes.ts'
import { Broken } from '../crypto/errors.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asString, having } from '../crypto/shape.ts'
import { parseDay } from '../core/expiry.ts'

/** Reads the days that the server knows of a vault, by secret. */
export function readDays(json: Json): Map<string, string> {
  const items = asArray(having(json, 'items').items).map((item) => {
    const { secret_id, day } = having(item, 'secret_id', 'day')
    const [id, text] = [asString(secret_id), asString(day)]
    idBytes(id)
    if (parseDay(text) === null) throw new Broken('not a day')
    return [id, text] as const
  })
  return new Map(items)
}
