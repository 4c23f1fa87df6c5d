/**
 * The core of the page as a program: it is asked in lines of JSON and answers in lines of JSON.
 *
 * It is the page's own code with a real `fetch`; only the cookies are kept here, and a password
 * is stretched once for each salt.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { createInterface } from 'node:readline'
import { fetchTransport, Http, type Transport } from '../../src/lib/api/http.ts'
import { asObject, asString } from '../../src/lib/crypto/shape.ts'
import { b64, type Bytes, unb64 } from '../../src/lib/crypto/bytes.ts'
import { strictJson } from '../../src/lib/crypto/json.ts'
import { stretch } from '../../src/lib/crypto/argon2id.ts'
import { type Asked, perform } from '../../src/lib/core/calls.ts'
import { decodeRecord, encodeRecord } from '../../src/lib/core/device.ts'
import { toCoreError } from '../../src/lib/core/failures.ts'
import { WorkerCore } from '../../src/lib/core/worker-core.ts'
import { MemoryDevice } from '../core/world.ts'

// what the bundler does with a text that is imported
registerHooks({
  load: (url, context, next) => {
    if (!url.endsWith('?raw')) return next(url, context)
    const text = JSON.stringify(readFileSync(new URL(url), 'utf8'))
    return { format: 'module', shortCircuit: true, source: `export default ${text}` }
  }
})

const network = fetch
const stretched = new Map<string, Promise<Bytes>>()

/** One browser at one server. */
class Page {
  readonly device = new MemoryDevice()
  readonly #cookies = new Map<string, string>()
  readonly #server: string
  core: WorkerCore

  constructor(server: string) {
    this.#server = server
    this.core = this.reload()
  }

  /** Ends the worker and begins another one. */
  reload(): WorkerCore {
    const http = new Http(this.#transport)
    this.core = new WorkerCore({ http, device: this.device, stretch: once, note: () => undefined })
    return this.core
  }

  readonly #transport: Transport = (request) => {
    // it is called before anything is waited for: so each page has its own cookies
    globalThis.fetch = this.#fetch
    return fetchTransport(request)
  }

  readonly #fetch = async (path: unknown, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('Cookie', [...this.#cookies].map((one) => one.join('=')).join('; '))
    const response = await network(this.#server + String(path), { ...init, headers })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';', 1)[0]?.split('=') ?? []
      this.#cookies.set(name, value)
    }
    return response
  }
}

function once(password: Bytes, salt: Bytes): Promise<Bytes> {
  const key = `${b64(password)} ${b64(salt)}`
  const found = stretched.get(key) ?? stretch(password, salt)
  stretched.set(key, found)
  return found
}

/** What is told of while it is done. */
const LISTENED = new Set(['log.verify', 'vaults.open'])

const pages = new Map<string, Page>()

type Line = Asked & { page: string }

/** What the browser itself does. */
const deeds: Record<string, (name: string, args: unknown[]) => unknown> = {
  start: (name, [server]) => {
    pages.set(name, new Page(String(server)))
    return null
  },
  kept: (name) => {
    const record = find(name).device.record
    return record === null ? null : b64(encodeRecord(record))
  },
  restore: (name, [record]) => {
    const page = find(name)
    page.device.record = record === null ? null : decodeRecord(unb64(String(record)))
    page.device.next = null
    page.reload()
    return null
  }
}

function find(name: string): Page {
  const page = pages.get(name)
  if (page === undefined) throw new Error(`no page ${name}`)
  return page
}

async function answer({ page, noun, method, args }: Line): Promise<object> {
  const told: unknown[] = []
  const listener = (...heard: unknown[]): void => void told.push(heard)
  const listens = LISTENED.has(`${noun}.${method}`)
  try {
    const result =
      noun === 'browser'
        ? deeds[method]?.(page, args)
        : await perform(find(page).core, { noun, method, args }, listens ? listener : undefined)
    return { result: result ?? null, ...(listens ? { told } : {}) }
  } catch (ex) {
    const { code, message } = toCoreError(ex)
    return { error: code, message }
  }
}

function readLine(line: string): Line {
  const { page, noun, method, args } = asObject(strictJson(line))
  if (!Array.isArray(args)) throw new Error('no arguments')
  return { page: asString(page), noun: asString(noun), method: asString(method), args }
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return Object.fromEntries(value)
  return value instanceof Uint8Array ? b64(value) : value
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(readLine(line)), plain)}\n`)
}
