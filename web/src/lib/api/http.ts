/** The one door to the network. What comes in is parsed strictly; what fails is typed. */
import { Broken } from '../crypto/errors.ts'
import { type Json, strictJson } from '../crypto/json.ts'
import { asObject } from '../crypto/shape.ts'

/** A request as it leaves; `etag` names the answer that is known already. */
export type Request = { method: string; path: string; body: string | null; etag?: string }

/** An answer as it arrives. */
export type Answer = {
  status: number
  retryAfter: string | null
  text: string
  etag?: string | null
}

/** Carries requests; it rejects only when there was no answer. */
export type Transport = (request: Request) => Promise<Answer>

/** There was no answer. */
export class Offline extends Error {
  override name = 'Offline'
}

/** An answer that is a problem document, or no success at least. */
export class Problem extends Error {
  override name = 'Problem'
  readonly status: number
  /** The last part of the problem's type; empty when the answer was no problem document. */
  readonly slug: string
  /** The whole document. */
  readonly body: Json
  /** Seconds, where the server named them. */
  readonly retryAfter: number | undefined

  constructor(answer: Answer) {
    const body = readProblem(answer.text)
    const slug = slugOf(body)
    super(`${String(answer.status)} ${slug}`)
    this.status = answer.status
    this.slug = slug
    this.body = body
    this.retryAfter = /^[0-9]{1,6}$/.test(answer.retryAfter ?? '')
      ? Number(answer.retryAfter)
      : undefined
  }
}

function readProblem(text: string): Json {
  try {
    return strictJson(text)
  } catch {
    return null
  }
}

function slugOf(body: Json): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return ''
  const { type } = body
  return typeof type === 'string' ? (/^\/problems\/([a-z-]+)$/.exec(type)?.[1] ?? '') : ''
}

/** By the browser: cookies of this origin only, no redirects, nothing cached. */
export const fetchTransport: Transport = async ({ method, path, body, etag }) => {
  const headers: Record<string, string> = { 'KeyArc-Client': 'web', Accept: 'application/json' }
  if (body !== null) headers['Content-Type'] = 'application/json'
  if (etag !== undefined) headers['If-None-Match'] = etag
  try {
    const response = await fetch(path, {
      method,
      headers,
      body,
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      referrerPolicy: 'no-referrer'
    })
    const text = await response.text()
    const [retryAfter, tag] = ['Retry-After', 'ETag'].map((name) => response.headers.get(name))
    return { status: response.status, retryAfter: retryAfter ?? null, text, etag: tag ?? null }
  } catch {
    throw new Offline('no answer')
  }
}

const NOT_MODIFIED = 304

/** An answer with its name, by which it can be asked whether it still holds. */
type Tagged = { status: number; etag: string | null; json: Json }

/** The one path of auth that needs a session that is open. */
const PROOF = '/auth/sessions/current/proof'
const SESSION_OVER = new Set(['not-signed-in', 'session-ended'])

/** Asks the server, and refreshes the session once when an answer says that it is over. */
export class Http {
  readonly #transport: Transport
  #refreshing: Promise<void> | null = null

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async get(path: string): Promise<Json> {
    return (await this.#ask('GET', path)).json
  }

  /** Asks for what has changed since the answer that `etag` names; null where nothing has. */
  async getChanged(path: string, etag: string | null): Promise<Tagged | null> {
    const answer = await this.#ask('GET', path, undefined, etag ?? undefined)
    return answer.status === NOT_MODIFIED ? null : answer
  }

  async post(path: string, body: object): Promise<Json> {
    return (await this.#ask('POST', path, body)).json
  }

  async put(path: string, body: object): Promise<Json> {
    return (await this.#ask('PUT', path, body)).json
  }

  async patch(path: string, body: object): Promise<Json> {
    return (await this.#ask('PATCH', path, body)).json
  }

  async delete(path: string): Promise<void> {
    await this.#ask('DELETE', path)
  }

  async #ask(method: string, path: string, body?: object, etag?: string): Promise<Tagged> {
    const text = body === undefined ? null : JSON.stringify(body)
    const request = { method, path, body: text, ...(etag === undefined ? {} : { etag }) }
    try {
      return await this.#once(request)
    } catch (ex) {
      const over = ex instanceof Problem && ex.status === 401 && SESSION_OVER.has(ex.slug)
      if (!over || !(path.startsWith('/api/') || path === PROOF)) throw ex
      await this.#refresh()
      return this.#once(request)
    }
  }

  async #once(request: Request): Promise<Tagged> {
    const answer = await this.#transport(request)
    const { status, etag = null } = answer
    const known = status === NOT_MODIFIED && request.etag !== undefined
    if (!known && (status < 200 || status > 299)) throw new Problem(answer)
    return { status, etag, json: known || status === 204 ? null : strictJson(answer.text) }
  }

  /** A refresh token serves once: calls that fail together share one refresh. */
  #refresh(): Promise<void> {
    const body = JSON.stringify({})
    this.#refreshing ??= this.#once({ method: 'POST', path: '/auth/sessions/refresh', body })
      .then(({ json }) => {
        if (typeof asObject(json)['expires_in'] !== 'number') throw new Broken('no expiry')
      })
      .finally(() => {
        this.#refreshing = null
      })
    return this.#refreshing
  }
}
