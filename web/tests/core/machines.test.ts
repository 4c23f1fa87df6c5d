import { beforeEach, expect, test } from 'vitest'
import type { Request, Transport } from '../../src/lib/api/http.ts'
import { hex, unb64 } from '../../src/lib/crypto/bytes.ts'
import { parseCommit } from '../../src/lib/crypto/commits.ts'
import { Keyring } from '../../src/lib/crypto/keyring.ts'
import { deriveMachineKeys, parseMachineToken } from '../../src/lib/crypto/machine-tokens.ts'
import type { Server } from './server.ts'
import { type Browser, details, names, overview, PASSWORD, rowsOf, signedUp } from './world.ts'

type Sent = { vault_id: string; commit: string; signature: string }
type Made = Record<string, string | null> & { commits: Sent[] }

const TOKENS = '/api/account/machine-tokens'

/** The part of the server that machines have: what they are made of goes into the histories. */
class Machines {
  readonly made: Made[] = []
  revoked = false
  /** How many commits came for rosters. */
  appended = 0
  /** Happens once, before the next machine is made. */
  meanwhile: () => Promise<unknown> = () => Promise.resolve()
  refusal: object | null = null
  lost = false
  readonly #inner: Transport

  constructor(server: Server) {
    this.#inner = server.transport
    Object.assign(server, { transport: this.transport })
  }

  readonly transport: Transport = async (request) => {
    const { method, path, body } = request
    const roster = /^\/api\/account\/vaults\/(.+)\/commits$/.exec(path)
    if (roster !== null) return this.#append(roster[1] ?? '', JSON.parse(body ?? '') as Sent)
    if (!path.startsWith(TOKENS)) return this.#inner(request)
    if (method === 'GET') return answer(200, { items: this.made.map((one) => this.#listed(one)) })
    if (method === 'DELETE') {
      this.revoked = true
      return answer(204, {})
    }
    return this.#make(JSON.parse(body ?? '') as Made)
  }

  async #make(made: Made): ReturnType<Transport> {
    await this.meanwhile()
    this.meanwhile = () => Promise.resolve()
    if (this.refusal !== null) return answer(409, this.refusal)
    for (const commit of made.commits) {
      const appended = await this.#append(commit.vault_id, commit)
      if (appended.status !== 200) return appended
    }
    this.made.push(made)
    if (this.lost) return answer(502, {})
    return answer(201, { machine_id: made['machine_id'] })
  }

  #append(vaultId: string, sent: Sent): ReturnType<Transport> {
    this.appended++
    const body = JSON.stringify({ ...sent, blobs: [] })
    return this.#inner({ method: 'POST', path: `/api/keys/vaults/${vaultId}/commits`, body })
  }

  #listed({ machine_id, name, commits }: Made): object {
    const at = '2030-01-01T00:00:00Z'
    const vaults = commits.map(({ vault_id }) => vault_id)
    const times = { created_at: at, expires_at: null, last_used_at: null, expired: false }
    return { machine_id, name, vaults, ...times, revoked_at: this.revoked ? at : null }
  }
}

function answer(status: number, json: object): Awaited<ReturnType<Transport>> {
  return { status, retryAfter: null, text: JSON.stringify(json) }
}

let browser: Browser
let machines: Machines
let first: string
let second: string

beforeEach(async () => {
  ;({ browser } = await signedUp())
  machines = new Machines(browser.server)
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  first = (await browser.core.vaults.create({ name: 'Work', description: '', icon: 'box' })).id
  second = (await browser.core.vaults.create({ name: 'Other', description: '', icon: 'box' })).id
})

async function made(vaultIds: string[], name = 'ci'): Promise<string> {
  await browser.core.proofs.prove({ password: PASSWORD })
  return browser.core.machines.create({ name, vaultIds, expiresAt: null })
}

function only(): Made {
  const [body] = machines.made
  if (body === undefined || machines.made.length > 1) throw new Error('not one machine')
  return body
}

test('a machine begins with the keys of its vaults, and with nothing else', async () => {
  await browser.core.vaults.save(first, null, overview('A'), details('a'))

  const token = await parseMachineToken(await made([first]))

  const body = only()
  const { userKey } = await deriveMachineKeys(token)
  const keyring = await Keyring.open(userKey, token.machineId, 1n, unb64(body['keyring']))
  expect(keyring.vaultIds()).toEqual([first])
  expect(keyring.vaultKeys(first).size).toBe(1)
  expect(keyring.pin(first)?.parts.roster.get(token.machineId)?.role).toBe('viewer')
  expect(keyring.pin(first)?.head.seq).toBe(3n)
  expect(keyring.vaultKeys(second).size).toBe(0)
  const [{ commit, signature } = { commit: '', signature: '' }] = body.commits
  const { ops } = await parseCommit(unb64(commit), unb64(signature))
  expect(ops).toMatchObject([{ op: 'add', role: 'viewer', how: 'machine' }])
})

test('the server sees neither the token nor a key of the machine', async () => {
  const seen: Request[] = []
  const inner = browser.server.transport
  Object.assign(browser.server, {
    transport: (request: Request) => {
      seen.push(request)
      return inner(request)
    }
  })
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })

  const shown = await made([first])

  const { secret, ...token } = await parseMachineToken(shown)
  const { masterKey, userKey } = await deriveMachineKeys({ secret, ...token })
  const all = seen.map(({ path, body }) => `${path} ${body ?? ''}`).join('\n')
  const raw = (all.match(/"[A-Za-z0-9_-]{8,}"/g) ?? []).map((text) => hexOf(text.slice(1, -1)))
  expect(all).toContain(token.machineId)
  expect(all).not.toContain(shown)
  for (const key of [secret, masterKey, userKey]) {
    expect(raw.filter((text) => text.includes(hex(key)))).toEqual([])
  }
})

function hexOf(text: string): string {
  try {
    return hex(unb64(text))
  } catch {
    return ''
  }
}

test('a vault that changes meanwhile is no hindrance, and stays readable', async () => {
  machines.meanwhile = () => otherWrites()

  await made([first, second])

  expect(only().commits.length).toBe(2)
  expect(names(await rowsOf(browser, first))).toEqual(['B'])
})

/** Another tab of the same person. */
async function otherWrites(): Promise<void> {
  const { core } = browser
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  await browser.core.vaults.list()
  await browser.core.vaults.save(first, null, overview('B'), details('b'))
  browser.core = core
}

test('a revoked machine leaves the vaults, and what is there stays readable', async () => {
  await browser.core.vaults.save(first, null, overview('A'), details('a'))
  await made([first])
  const { machine_id } = only()

  const left = await browser.core.machines.revoke(String(machine_id))

  expect(left).toEqual([])
  expect(machines.revoked).toBe(true)
  expect(names(await rowsOf(browser, first))).toEqual(['A'])
  browser.lock()
  await browser.core.entrance.unlock({ password: PASSWORD })
  expect(names(await rowsOf(browser, first))).toEqual(['A'])
  expect((await browser.core.machines.list())[0]?.revokedAt).not.toBeNull()
})

test('a lost answer is looked up, and makes one machine', async () => {
  machines.lost = true

  const token = await made([first])

  expect((await parseMachineToken(token)).machineId).toBe(only()['machine_id'])
})

test('without a proof nothing is sent, and a name that is taken is said to be', async () => {
  const asked = { name: 'ci', vaultIds: [first], expiresAt: null }

  await expect(browser.core.machines.create(asked)).rejects.toMatchObject({ code: 'proof-needed' })
  machines.refusal = { type: '/problems/name-taken', status: 409 }
  await expect(made([first])).rejects.toMatchObject({ code: 'name-taken' })

  expect(machines.made).toEqual([])
})

test('whom the server calls a machine is no machine, unless the signed history says so', async () => {
  await made([first])
  const status = await browser.core.entrance.status()
  const person = status.state === 'open' ? status.userId : ''
  only()['machine_id'] = person

  const revoking = browser.core.machines.revoke(person)

  await expect(revoking).rejects.toMatchObject({ code: 'altered' })
  expect(machines.appended).toBe(1)
})
