import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stretchByScript, stretchByWasm } from '../../src/lib/crypto/argon2id.ts'
import * as ed from '../../src/lib/crypto/ed25519.ts'
import * as xwing from '../../src/lib/crypto/xwing.ts'
import type { Vectors } from '../answers/agree.ts'
import { approvals } from '../answers/approvals.ts'
import { derivations } from '../answers/derivations.ts'
import { encoding } from '../answers/encoding.ts'
import { histories } from '../answers/histories.ts'
import { identities, shares } from '../answers/identities.ts'
import { invitations } from '../answers/invitations.ts'
import { oneTimeLinks } from '../answers/one-time-links.ts'
import { passkeys } from '../answers/passkeys.ts'
import { keyrings, seals } from '../answers/seals.ts'

const vectors = (name: string): Vectors =>
  JSON.parse(
    readFileSync(new URL(`../../../tests/vectors/${name}.json`, import.meta.url), 'utf8')
  ) as Vectors

test('encodings are those of the vectors', async () => {
  expect(await encoding(vectors('encoding'))).toBeGreaterThan(100)
})

test('passwords and codes derive what the vectors say', async () => {
  expect(await derivations(vectors('kdf'), stretchByWasm)).toBeGreaterThan(100)
})

test('without WebAssembly a password derives the same', async () => {
  expect(await derivations(vectors('kdf'), stretchByScript, 1)).toBeGreaterThan(50)
})

test('sealed objects are those of the vectors, to the byte', async () => {
  expect(await seals(vectors('seal'))).toBeGreaterThan(60)
})

test('keyrings are those of the vectors, to the byte', async () => {
  expect(await keyrings(vectors('keyring'))).toBeGreaterThan(50)
})

test.each([
  ['the platform', ed.byWebCrypto, xwing.byWebCrypto],
  ['plain JavaScript', ed.byNoble, xwing.byScript]
] as const)('identities and shares are those of the vectors, by %s', async (_, edBy, hpkeBy) => {
  expect(await identities(vectors('identity'), edBy, hpkeBy)).toBeGreaterThan(80)
  expect(await shares(vectors('share'), hpkeBy)).toBeGreaterThan(14)
})

test('histories lead where the vectors say, and only there', async () => {
  expect(await histories(vectors('history'))).toBeGreaterThan(300)
})

test('what a passkey opens is that of the vectors', async () => {
  expect(await passkeys(vectors('passkey'))).toBeGreaterThan(25)
})

test('the account key reaches a new device as the vectors say', async () => {
  expect(await approvals(vectors('approval'))).toBeGreaterThan(8)
})

test('one-time links are opened and sealed as the vectors say', async () => {
  expect(await oneTimeLinks(vectors('one_time_link'))).toBeGreaterThan(12)
})

test('invitations are opened and answered as the vectors say', async () => {
  expect(await invitations(vectors('invitation'))).toBeGreaterThan(40)
})
