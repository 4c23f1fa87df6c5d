/** What a server knows of reminders and one-time links, in front of the one of the other tests. */
import type { Answer, Request } from '../../src/lib/api/http.ts'
import type { Server } from './server.ts'

type Link = { blob: string; reads: number; expires: string }

/** Answers what concerns days and links by itself, and passes on the rest. */
export class Days {
  readonly days = new Map<string, string>()
  readonly links = new Map<string, Link>()
  /** The purposes for which values were read. */
  readonly purposes: unknown[] = []
  /** What was asked here, as method and last part of the path. */
  readonly asked: string[] = []
  /** What is answered about days, where that is not the truth. */
  status: number | null = null
  letters = true

  constructor(server: Server) {
    const rest = server.transport
    server.transport = async (request) => {
      const body = JSON.parse(request.body ?? '{}') as Record<string, unknown>
      if (request.path.endsWith('/secrets/read')) this.purposes.push(body['purpose'])
      return this.#answer(request, body) ?? rest(request)
    }
  }

  #answer({ method, path }: Request, body: Record<string, unknown>): Answer | null {
    const last = path.slice(path.lastIndexOf('/') + 1)
    const [, area, noun] = path.split('/')
    const ofDays = last === 'reminders' || last === 'expiring'
    if (ofDays || noun === 'links') this.asked.push(`${method} ${last}`)
    if (ofDays && this.status !== null) return reply(this.status, {})
    if (last === 'reminders') return this.#set(body)
    if (last === 'expiring') return reply(200, { items: this.#items(), next: null })
    if (method === 'PATCH') {
      this.letters = body['reminders'] === true
      return reply(200, {})
    }
    if (area === 'auth' && noun === 'links') return this.#read(method, last)
    return path.startsWith('/api/keys/links') ? this.#own(method, last, body) : null
  }

  #items(): object[] {
    return [...this.days].map(([secret_id, day]) => ({ secret_id, day }))
  }

  #set({ items }: Record<string, unknown>): Answer {
    for (const { secret_id, day } of items as { secret_id: string; day: string | null }[]) {
      if (day === null) this.days.delete(secret_id)
      else this.days.set(secret_id, day)
    }
    return reply(204, null)
  }

  #read(method: string, id: string): Answer {
    const link = this.links.get(id)
    if (link === undefined || link.reads === 0) return reply(404, {})
    if (method === 'GET') {
      return reply(200, { reads_left: link.reads, expires_at: link.expires })
    }
    link.reads -= 1
    return reply(200, { blob: link.blob, reads_left: link.reads })
  }

  #own(method: string, id: string, body: Record<string, unknown>): Answer {
    if (method === 'DELETE') {
      return this.links.delete(id) ? reply(204, null) : reply(404, {})
    }
    if (method === 'POST') {
      const { link_id, blob, reads, expires_at } = body
      const link = { blob: String(blob), reads: Number(reads), expires: String(expires_at) }
      this.links.set(String(link_id), link)
      return reply(201, this.#listed(String(link_id), link))
    }
    const items = [...this.links].map(([one, link]) => this.#listed(one, link))
    return reply(200, { items, next: null })
  }

  #listed(link_id: string, { reads, expires }: Link): object {
    const created_at = '2030-01-01T00:00:00Z'
    return { link_id, reads_left: reads, created_at, expires_at: expires, last_read_at: null }
  }
}

function reply(status: number, json: unknown): Answer {
  return { status, retryAfter: null, text: JSON.stringify(json) }
}
