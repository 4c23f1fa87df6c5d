import { beforeEach, expect, test } from 'vitest'
import { type Answer, Offline, type Request } from '../../src/lib/api/http.ts'
import { unb64 } from '../../src/lib/crypto/bytes.ts'
import { parseCommit } from '../../src/lib/crypto/commits.ts'
import type { DeviceRecord } from '../../src/lib/core/device.ts'
import type { Core } from '../../src/lib/core/types.ts'
import { Server } from './server.ts'
import { Browser, details, EMAIL, MemoryDevice, overview, PASSWORD, signedUp } from './world.ts'

const OTHER = 'four quiet herons in a row'
const VAULT = { name: 'Work', description: '', icon: 'box' }

let browser: Browser
let accountKey: string
let vaultId: string
let secretId: string

beforeEach(async () => {
  ;({ browser, accountKey } = await signedUp())
  vaultId = (await browser.core.vaults.create(VAULT)).id
  secretId = (await browser.core.vaults.save(vaultId, null, overview('one'), details('1'))).id
})

/** What is done to an account, each after a fresh proof. */
const CHANGES: Record<string, (core: Core) => Promise<void>> = {
  'another password': (core) => core.newKeys.changePassword({ password: OTHER }),
  'another account key': async (core) => {
    accountKey = await core.newKeys.makeAccountKey()
    await core.newKeys.changeAccountKey()
  },
  'another recovery code': async (core) => {
    await core.newKeys.makeRecoveryCode()
    await core.newKeys.changeRecoveryCode()
  },
  'other keys altogether': async (core) => {
    await core.newKeys.makeRecoveryCode()
    await core.newKeys.rotate()
  }
}

async function change(name: string, core = browser.core): Promise<void> {
  await core.proofs.prove({ password: PASSWORD })
  await CHANGES[name]?.(core)
}

async function value(core = browser.core): Promise<string | undefined> {
  return (await core.vaults.details(vaultId, secretId)).fields[0]?.value
}

async function loggedIn(password: string): Promise<Browser> {
  const fresh = new Browser(browser.server)
  await fresh.core.entrance.logIn({ email: EMAIL, password, accountKey })
  return fresh
}

for (const name of Object.keys(CHANGES)) {
  const password = name === 'another password' ? OTHER : PASSWORD

  test(`${name} opens everything here, after locking, and elsewhere`, async () => {
    await change(name)

    expect(await value()).toBe('1')
    await browser.core.vaults.save(vaultId, secretId, overview('one'), details('2'))
    browser.lock()
    await browser.core.entrance.unlock({ password })
    expect(await value()).toBe('2')
    const elsewhere = await loggedIn(password)
    expect(await value(elsewhere.core)).toBe('2')
    await elsewhere.core.vaults.save(vaultId, null, overview('two'), details('3'))
  })

  test(`${name} takes a fresh proof, and each proof serves once`, async () => {
    await expect(CHANGES[name]?.(browser.core)).rejects.toMatchObject({ code: 'proof-needed' })
    await change(name)

    await expect(CHANGES[name]?.(browser.core)).rejects.toMatchObject({ code: 'proof-needed' })
  })
}

test('keys rotate a second time, each identity signed by the one before', async () => {
  await change('other keys altogether')
  await change('other keys altogether')

  expect(await value()).toBe('1')
  expect(await value((await loggedIn(PASSWORD)).core)).toBe('1')
})

test('a rotation meets a writer, and is made anew', async () => {
  const other = await loggedIn(PASSWORD)
  let raced = false
  const before = browser.server.transport
  browser.server.tamper = (_, answer) => answer
  const racing = Object.assign(Object.create(browser.server) as Server, {
    transport: async (request: Request): Promise<Answer> => {
      if (request.path === '/api/account/keys' && !raced) {
        raced = true
        await other.core.vaults.save(vaultId, null, overview('two'), details('2'))
      }
      return before(request)
    }
  })
  const slow = new Browser(racing, browser.device)
  await slow.core.entrance.unlock({ password: PASSWORD })

  await change('other keys altogether', slow.core)

  expect(raced).toBe(true)
  expect((await slow.core.vaults.list())[0]?.secrets).toBe(2)
})

test('an answer that was lost changes nothing about the outcome', async () => {
  for (const [name, path] of [
    ['another password', '/api/account/password'],
    ['other keys altogether', '/api/account/keys']
  ]) {
    let lost = false
    browser.server.tamper = (request, answer) => {
      if (lost || request.path !== path) return answer
      lost = true
      throw new Offline('no answer')
    }
    const password = name === 'another password' ? PASSWORD : OTHER
    await browser.core.proofs.prove({ password })

    await CHANGES[name ?? '']?.(browser.core)

    expect(lost, name).toBe(true)
    browser.lock()
    await browser.core.entrance.unlock({ password: OTHER })
    expect(await value(), name).toBe('1')
  }
})

/** Ends after so many steps, as a tab that is closed: nothing of it happens any more. */
class Mortal extends MemoryDevice {
  left = Infinity
  readonly server: Server

  constructor(device: { record: DeviceRecord | null }, server: Server) {
    super()
    this.record = device.record
    const { transport } = server
    this.server = Object.assign(Object.create(server) as Server, {
      transport: async (request: Request): Promise<Answer> => {
        this.#step()
        const answer = await transport(request)
        this.#step()
        return answer
      }
    })
  }

  override save(record: DeviceRecord): Promise<void> {
    this.#step()
    return super.save(record)
  }

  override plan(record: DeviceRecord | null): Promise<void> {
    this.#step()
    return super.plan(record)
  }

  #step(): void {
    if (this.left-- <= 0) throw new Offline('the end')
  }
}

for (const name of ['another password', 'another account key', 'other keys altogether']) {
  test(`M40: ${name}: a tab that ends at any step leaves the old keys or the new ones`, async () => {
    const password = name === 'another password' ? OTHER : PASSWORD
    let steps = 0
    for (let ended = true; ended; steps++) {
      ;({ browser, accountKey } = await signedUp())
      vaultId = (await browser.core.vaults.create(VAULT)).id
      secretId = (await browser.core.vaults.save(vaultId, null, overview('one'), details('1'))).id
      const device = new Mortal(browser.device, browser.server)
      const mortal = new Browser(device.server, device)
      await mortal.core.entrance.unlock({ password: PASSWORD })
      await mortal.core.proofs.prove({ password: PASSWORD })
      device.left = steps
      ended =
        (await CHANGES[name]?.(mortal.core).then(
          () => false,
          () => true
        )) ?? false
      device.left = Infinity

      const after = new Browser(browser.server, device)
      const opened = await Promise.any(
        [password, PASSWORD].map((one) =>
          after.core.entrance.unlock({ password: one }).then(() => one)
        )
      )

      expect(opened, `after ${String(steps)} steps`).toBeOneOf([PASSWORD, password])
      expect(await value(after.core)).toBe('1')
      expect(device.next).toBeNull()
    }
    expect(steps).toBeGreaterThan(5)
  })
}

test('M24: whom a server adds during a rotation gets nothing', async () => {
  const adversary = await signedUp()
  const [registered] = adversary.browser.server.requests.filter(({ method }) => method === 'POST')
  const { user_id, idcert } = JSON.parse(registered?.body ?? '{}') as {
    user_id: string
    idcert: string
  }
  const stranger = { user_id, idcert, role: 'owner', public_key: idcert, email: 'x@example.com' }
  browser.server.tamper = ({ path, method }, answer) => {
    if (method !== 'GET') return answer
    const lied = structuredClone(answer) as Record<string, unknown>
    const more = { organizations: [stranger], devices: [stranger], emergency_contacts: [stranger] }
    if (path === '/api/account/vaults') {
      const [vault] = lied['items'] as { members: unknown[]; vault_id: string }[]
      vault?.members.push(stranger)
      const items = [vault, { ...vault, vault_id: user_id }]
      return { ...lied, ...more, items, recovery_key: idcert }
    }
    return { ...lied, ...more, recovery_key: idcert }
  }
  browser.server.requests.length = 0

  await change('other keys altogether')

  const sent = browser.server.requests.filter(({ method }) => method === 'PUT')
  expect(sent.map(({ path }) => path)).toEqual(['/api/account/keys'])
  const rotation = JSON.parse(sent[0]?.body ?? '{}') as Record<string, unknown>
  expect(Object.keys(rotation).sort()).toEqual(
    ['auth', 'commits', 'idcert', 'identity', 'keyring', 'keyset'].concat([
      'recovery_auth',
      'recovery_user_key',
      'salt',
      'user_key'
    ])
  )
  const commits = rotation['commits'] as { vault_id: string; commit: string; signature: string }[]
  expect(commits.map(({ vault_id }) => vault_id)).toEqual([vaultId])
  for (const { commit, signature } of commits) {
    const { ops } = await parseCommit(unb64(commit), unb64(signature))
    expect(ops).toEqual([{ op: 'rekey', idcert: unb64(rotation['idcert']) }])
  }
})
