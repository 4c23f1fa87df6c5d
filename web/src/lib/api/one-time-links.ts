/** The server's answers about one-time links, read strictly. */
import { type Bytes, idBytes, unb64 } from '../crypto/bytes.ts'
import type { Json } from '../crypto/json.ts'
import { asArray, asCount, asString, having, orNull } from '../crypto/shape.ts'

/** A link as its maker recognises it; times in RFC 3339. None left: it was burnt. */
export type ListedLink = {
  id: string
  readsLeft: number
  createdAt: string
  expiresAt: string
  lastReadAt: string | null
}

/** What is told before somebody reads. */
export type Offer = { readsLeft: number; expiresAt: string }

/** Reads one link. */
export function readLink(json: Json): ListedLink {
  const names = ['link_id', 'reads_left', 'created_at', 'expires_at', 'last_read_at'] as const
  const link = having(json, ...names)
  const id = asString(link.link_id)
  idBytes(id)
  return {
    id,
    readsLeft: asCount(link.reads_left),
    createdAt: asString(link.created_at),
    expiresAt: asString(link.expires_at),
    lastReadAt: orNull(link.last_read_at, asString)
  }
}

/** Reads the list of links. */
export function readLinks(json: Json): ListedLink[] {
  return asArray(having(json, 'items').items).map(readLink)
}

/** Reads what a link offers. */
export function readOffer(json: Json): Offer {
  const { reads_left, expires_at } = having(json, 'reads_left', 'expires_at')
  return { readsLeft: asCount(reads_left), expiresAt: asString(expires_at) }
}

/** Reads what a link gives. */
export function readSealedMessage(json: Json): { blob: Bytes; readsLeft: number } {
  const { blob, reads_left } = having(json, 'blob', 'reads_left')
  return { blob: unb64(blob), readsLeft: asCount(reads_left) }
}
