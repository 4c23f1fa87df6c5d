/** One-time links: made by whoever is logged in, opened by anybody who has one. */
import {
  type ListedLink,
  type Offer,
  readLink,
  readLinks,
  readOffer,
  readSealedMessage
} from '../api/one-time-links.ts'
import { Problem } from '../api/http.ts'
import { b64, randomBytes, unb64 } from '../crypto/bytes.ts'
import { Broken } from '../crypto/errors.ts'
import { LINK_SECRET } from '../crypto/invitations.ts'
import { deriveLink, type Message, openMessage, sealMessage } from '../crypto/one-time-links.ts'
import { readForExport } from './copies.ts'
import { CoreError } from './errors.ts'
import { readDetails } from './items.ts'
import type { Json } from '../crypto/json.ts'
import type { Holder } from './holder.ts'

const PATH = '/api/keys/links'
const BLOB_BYTES = 64 * 1024

/** The links of the open account, and those that somebody was given. */
export class OneTimeLinks {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /**
   * Seals a message and leaves it with the server.
   * @returns the secret of the link: the server never sees it, and it is not kept
   */
  async make(message: Message, a: { reads: number; hours: number }): Promise<string> {
    const secret = randomBytes(LINK_SECRET)
    const keys = await deriveLink(secret)
    const blob = await sealMessage(keys, message)
    if (blob.length > BLOB_BYTES) throw new CoreError('too-large', 'more than a link holds')
    const expires = new Date(Date.now() + a.hours * 3_600_000).toISOString()
    const body = { link_id: keys.linkId, blob: b64(blob), reads: a.reads, expires_at: expires }
    const made = readLink(await this.#holder.context.http.post(PATH, body))
    if (made.id !== keys.linkId) throw new Broken('another link')
    return b64(secret)
  }

  /**
   * Makes a link to fields of a secret as they are now; the log of its vault tells of an export.
   * @param a `fields` are places of those that are handed over, and their names as they were seen
   */
  async share(
    a: { vaultId: string; secretId: string; fields: [number, string][]; notes: boolean },
    b: { reads: number; hours: number }
  ): Promise<string> {
    const message = await this.#holder.vaults.write(a.vaultId, async ({ contents }) => {
      await contents.refresh()
      const { http } = this.#holder.context
      const [read] = await readForExport(http, contents, [a.secretId])
      const { fields, notes } = readDetails(read?.details ?? null)
      const name = contents.shown.get(a.secretId)?.row.overview.name ?? ''
      const chosen = a.fields.map(([place, named]) => {
        const field = fields[place]
        // somebody has moved them since: what nobody chose is handed to nobody
        if (field?.name !== named) throw new CoreError('stale', 'another field')
        return field
      })
      return { name, fields: chosen, notes: a.notes ? notes : '' }
    })
    return this.make(message, b)
  }

  async list(): Promise<ListedLink[]> {
    return readLinks(await this.#holder.context.http.get(PATH))
  }

  /** Takes a link back. */
  remove(id: string): Promise<void> {
    return this.#holder.context.http.delete(`${PATH}/${id}`)
  }

  /** Tells whether there is something to read, and takes nothing. */
  async look(secret: string): Promise<Offer> {
    const { linkId } = await deriveLink(unb64(secret, LINK_SECRET))
    return readOffer(await orOver(this.#holder.world.http.get(`/auth/links/${linkId}`)))
  }

  /** Takes a read and opens what the link holds; the last read burns it. */
  async read(secret: string): Promise<{ message: Message; readsLeft: number }> {
    const keys = await deriveLink(unb64(secret, LINK_SECRET))
    const path = `/auth/links/${keys.linkId}`
    const { blob, readsLeft } = readSealedMessage(
      await orOver(this.#holder.world.http.post(path, {}))
    )
    return { message: await openMessage(keys, blob), readsLeft }
  }
}

/** Unknown, read, over, taken back: the server says the same of all. */
async function orOver(answer: Promise<Json>): Promise<Json> {
  try {
    return await answer
  } catch (ex) {
    throw ex instanceof Problem && ex.status === 404 ? new CoreError('link-over') : ex
  }
}
