/** A core with a browser of its own, in memory. */
import { Http } from '../../src/lib/api/http.ts'
import { type Bytes, concat } from '../../src/lib/crypto/bytes.ts'
import { sha256 } from '../../src/lib/crypto/hashes.ts'
import { asCore, perform } from '../../src/lib/core/calls.ts'
import { type Device, type DeviceRecord } from '../../src/lib/core/device.ts'
import { toCoreError } from '../../src/lib/core/failures.ts'
import type { Core, Details, Overview, Row } from '../../src/lib/core/types.ts'
import { WorkerCore } from '../../src/lib/core/worker-core.ts'
import { Server } from './server.ts'

export const EMAIL = 'someone@example.com'
export const PASSWORD = 'correct horse battery staple'

/** Keeps a record as long as the test runs. */
export class MemoryDevice implements Device {
  record: DeviceRecord | null = null
  next: DeviceRecord | null = null

  load(): Promise<DeviceRecord | null> {
    return Promise.resolve(this.record)
  }

  save(record: DeviceRecord): Promise<void> {
    this.record = record
    return Promise.resolve()
  }

  planned(): Promise<DeviceRecord | null> {
    return Promise.resolve(this.next)
  }

  plan(record: DeviceRecord | null): Promise<void> {
    this.next = record
    return Promise.resolve()
  }

  clear(): Promise<void> {
    this.record = null
    this.next = null
    return Promise.resolve()
  }
}

/** One browser: its core can be locked and started anew. */
export class Browser {
  readonly device: Device & { record: DeviceRecord | null }
  readonly server: Server
  /** The bytes of each password that was stretched here. */
  readonly stretched: Bytes[] = []
  core: Core

  constructor(server: Server, device: Browser['device'] = new MemoryDevice()) {
    this.server = server
    this.device = device
    this.core = this.#start()
  }

  get derived(): number {
    return this.stretched.length
  }

  /** What locking does: the worker ends and another one begins. */
  lock(): void {
    this.core = this.#start()
  }

  #start(): Core {
    const core = new WorkerCore({
      http: new Http(this.server.transport),
      device: this.device,
      // Argon2id has its own tests; here its place is taken by a hash, for speed
      stretch: (password, salt) => {
        this.stretched.push(password)
        return sha256(concat(salt, password))
      },
      note: () => undefined
    })
    return asThePageSees(core)
  }
}

/** As the page sees it: every call is answered by `toCoreError`; here there is no worker. */
function asThePageSees(core: WorkerCore): Core {
  const ask: Parameters<typeof asCore>[0] = (asked, listener) =>
    perform(core, asked, listener).catch((ex: unknown) => {
      throw toCoreError(ex)
    })
  return asCore(ask, () => undefined)
}

/** A server with an account, and the browser that made it. */
export async function signedUp(): Promise<{ browser: Browser; accountKey: string }> {
  const browser = new Browser(new Server())
  const { accountKey } = await browser.core.entrance.prepareSignUp({
    email: EMAIL,
    password: PASSWORD
  })
  await browser.core.entrance.confirmSignUp()
  return { browser, accountKey }
}

/** An overview that says only its name. */
export function overview(name: string): Overview {
  return {
    name,
    kind: 'api_key',
    provider: null,
    path: '',
    tags: [],
    environment: null,
    expires_at: null,
    reminder: null,
    rotate_days: null,
    rotated_at: '0',
    check: null,
    fingerprints: [],
    updated_at: '0'
  }
}

/** Details with one value. */
export function details(value: string): Details {
  const fields = [{ name: 'value', value, concealed: true }]
  return { fields, notes: '', check: null, certificate: null }
}

/** Opens a vault and gives all its rows. */
export async function rowsOf(browser: Browser, vaultId: string): Promise<Row[]> {
  const rows: Row[] = []
  await browser.core.vaults.open(vaultId, (batch) => rows.push(...batch))
  return rows
}

/** Names of rows, in order. */
export function names(rows: Row[]): string[] {
  return rows.map((row) => row.overview.name).sort()
}
