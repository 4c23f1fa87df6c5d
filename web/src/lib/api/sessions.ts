/** The server's answers about sessions, read strictly. */
import { idBytes } from '../crypto/bytes.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asFlag, asString, having } from '../crypto/shape.ts'

/** A session of the account; times in RFC 3339. */
export type ListedSession = {
  id: string
  device: string
  browser: boolean
  network: string
  createdAt: string
  lastSeenAt: string
  current: boolean
}

function readSession(json: Json): ListedSession {
  const session = having(
    json,
    'session_id',
    'device',
    'browser',
    'network',
    'created_at',
    'last_seen_at',
    'current'
  )
  const id = asString(session.session_id)
  idBytes(id)
  return {
    id,
    device: asString(session.device),
    browser: asFlag(session.browser),
    network: asString(session.network),
    createdAt: asString(session.created_at),
    lastSeenAt: asString(session.last_seen_at),
    current: asFlag(session.current)
  }
}

/** Reads a page of sessions. */
export function readSessions(json: Json): { items: ListedSession[]; next: string | null } {
  const { items, next } = having(json, 'items', 'next')
  return { items: asArray(items).map(readSession), next: next === null ? null : asString(next) }
}
