import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  Identity,
  makeUserKey,
  unwrapUserKey,
  wrapUserKey
} from '../../src/lib/crypto/account-keys.ts'
import { type Bytes, concat, makeId, randomBytes, utf8 } from '../../src/lib/crypto/bytes.ts'
import { encodeCommit } from '../../src/lib/crypto/commits.ts'
import { edVerify } from '../../src/lib/crypto/ed25519.ts'
import { ObjectType } from '../../src/lib/crypto/encoding.ts'
import { Broken, Mistyped } from '../../src/lib/crypto/errors.ts'
import { sha256 } from '../../src/lib/crypto/hashes.ts'
import { encodeIdentity } from '../../src/lib/crypto/identity.ts'
import { strictJson } from '../../src/lib/crypto/json.ts'
import {
  deriveAuth,
  deriveKek,
  deriveMasterKey,
  normalisePassword
} from '../../src/lib/crypto/kdf.ts'
import { Keyring } from '../../src/lib/crypto/keyring.ts'
import { encodeJoin } from '../../src/lib/crypto/roster.ts'
import { openShare, share } from '../../src/lib/crypto/sharing.ts'
import { vkCommit } from '../../src/lib/crypto/vault-keys.ts'

test('M02: password, salt, auth and every blob open nothing without the account key', async () => {
  const userId = makeId()
  const stretched = randomBytes(32)
  const masterKey = await deriveMasterKey(stretched, randomBytes(16), userId)
  const type = ObjectType.USER_KEY_BY_PASSWORD
  const blob = await wrapUserKey(await deriveKek(masterKey), type, userId, 1n, makeUserKey())
  const auth = await deriveAuth(masterKey)

  const guesses: Bytes[] = [stretched, auth, await deriveKek(auth), new Uint8Array(32)]
  for (let i = 0; i < 50; i++) {
    const guessed = i === 0 ? new Uint8Array(16) : randomBytes(16)
    guesses.push(await deriveKek(await deriveMasterKey(stretched, guessed, userId)))
  }
  for (const kek of guesses) {
    await expect(unwrapUserKey(kek, type, userId, 1n, blob)).rejects.toThrow(Broken)
  }
})

test('M04: every password goes one way, whatever its length and form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 1024 }), (password) => {
      const text = password.normalize('NFKC')
      const fits = Array.from(text).length >= 12 && utf8(text).length <= 1024
      if (!fits) expect(() => normalisePassword(password)).toThrow(Mistyped)
      else {
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
          expect(normalisePassword(password.normalize(form))).toEqual(utf8(text))
        }
      }
    })
  )
  for (const length of [12, 32, 63, 64, 65, 128, 1024]) {
    expect(normalisePassword('x'.repeat(length))).toHaveLength(length)
  }
})

test('M27: the smallest suite of a keyring never falls, and a later one is for a later client', async () => {
  const keyring = new Keyring()
  keyring.raiseMinSuite(0)
  expect(keyring.minSuite).toBe(1)
  await keyring.merge(new Keyring())
  expect(keyring.minSuite).toBe(1)
  expect(() => {
    keyring.raiseMinSuite(2)
  }).toThrow(Broken)
  for (const suite of ['0', '2', '255', '"1"', 'null', '1.5']) {
    const text = `{"ka":1,"min_suite":${suite},"vaults":{},"people":{},"invitations":{}}`
    await expect(Keyring.parse(utf8(text))).rejects.toThrow(Broken)
  }
})

async function everyMessage(vaultId: string, userId: string): Promise<Bytes[]> {
  const hash = await sha256(utf8('x'))
  const draft = { vaultId, seq: 1n, prev: hash, timeMs: 1n, authorId: userId, authorKeyEpoch: 1n }
  return [
    encodeIdentity(userId, hash, randomBytes(1216), 1n),
    encodeCommit({ ...draft, state: hash, ops: [{ op: 'remove', userId }] }),
    await encodeJoin(vaultId, makeId(), hash),
    concat(utf8('keyarc/ka1/sig/share\0'), hash, hash)
  ]
}

test('M32: no signature of one kind of message holds for another kind', async () => {
  const identity = Identity.make(makeId())
  const messages = await everyMessage(makeId(), identity.userId)
  const publicKey = await identity.edPk()

  for (const [i, signed] of messages.entries()) {
    const signature = await identity.sign(signed)
    for (const [j, message] of messages.entries()) {
      expect(await edVerify(publicKey, message, signature)).toBe(i === j)
      // none begins like another, so none can be read as another
      const length = message.indexOf(0) + 1
      if (i !== j) expect(signed.subarray(0, length)).not.toEqual(message.subarray(0, length))
    }
  }
})

test('M33 and M34: a share opens for nobody else, nowhere else, and from nobody else', async () => {
  const [sender, recipient, other] = [makeId(), makeId(), makeId()].map((id) => Identity.make(id))
  if (!sender || !recipient || !other) throw new Error('nobody')
  const [vaultKey, vaultId, head] = [randomBytes(32), makeId(), randomBytes(32)]
  const right = { vaultId, epoch: 1n, head }
  const epochs = new Map([[1n, await vkCommit(vaultKey, vaultId, 1n)]])
  const sent = await share(sender, await recipient.idcert(), right, new Map([[1n, vaultKey]]))
  const from = await sender.idcert()

  expect(await openShare(recipient, from, right, sent, epochs)).toEqual(new Map([[1n, vaultKey]]))
  const stolen = { ...sent, signature: await other.sign(sent.ciphertext) }
  const wrong: (() => Promise<unknown>)[] = [
    () => openShare(other, from, right, sent, epochs),
    async () => openShare(recipient, await other.idcert(), right, sent, epochs),
    async () => openShare(recipient, await other.idcert(), right, stolen, epochs),
    () => openShare(recipient, from, { ...right, vaultId: makeId() }, sent, epochs),
    () => openShare(recipient, from, { ...right, epoch: 2n }, sent, epochs),
    () => openShare(recipient, from, { ...right, head: randomBytes(32) }, sent, epochs),
    () => openShare(recipient, from, right, { ...sent, signature: randomBytes(64) }, epochs),
    () => openShare(recipient, from, right, sent, new Map([[1n, randomBytes(32)]])),
    () => openShare(recipient, from, right, sent, new Map())
  ]
  for (const one of wrong) await expect(one()).rejects.toThrow(Broken)
})

test('M42: whatever JSON there is, it is read as the platform reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 10 }), (value) => {
      const text = JSON.stringify(value)
      if (/\\ud[89a-f]/.test(text) || /[0-9.e+]{16}/.test(text) || /e\+/.test(text)) return
      expect(JSON.parse(JSON.stringify(strictJson(text)))).toEqual(JSON.parse(text))
    })
  )
})

test('M42: keys twice, prototypes, depth and huge numbers do no harm', () => {
  const object = strictJson('{"__proto__":{"admin":true},"constructor":1,"toString":2}')
  expect(Object.getPrototypeOf(object)).toBe(null)
  expect(({} as { admin?: boolean }).admin).toBeUndefined()

  const deep = (n: number): string => '['.repeat(n) + ']'.repeat(n)
  expect(strictJson(deep(16))).toBeTruthy()
  for (const text of [
    deep(17),
    deep(100_000),
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":1}',
    '{"__proto__":1,"__proto__":1}',
    '9007199254740993',
    '1e400',
    '[1,]',
    '"\\ud800"',
    '\u00a01',
    '1 2',
    "'a'",
    ''
  ]) {
    expect(() => strictJson(text)).toThrow(Broken)
  }
})

test('M42: random bytes are JSON or Broken, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:0129-eE.\\u truefalsn') }), (text) => {
      let ours: unknown
      try {
        ours = strictJson(text)
      } catch (ex) {
        expect(ex).toBeInstanceOf(Broken)
        return
      }
      expect(JSON.stringify(ours)).toEqual(JSON.stringify(JSON.parse(text)))
    }),
    { numRuns: 2000 }
  )
})
