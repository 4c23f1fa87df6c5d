import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bytes, concat, randomBytes, u32, u64, utf8 } from '../../src/lib/crypto/bytes.ts'
import { ObjectType, SMALLEST_BLOB } from '../../src/lib/crypto/encoding.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { open, pad, seal, sealWithSalt, unpad } from '../../src/lib/crypto/seal.ts'

const KEY = new Uint8Array(32).fill(7)
const FIELDS = [new Uint8Array(16).fill(1), u64(3n)]
const TYPE = ObjectType.KEYRING

const sealed = (text = 'hello'): Promise<Bytes> => seal(KEY, TYPE, FIELDS, utf8(text))

async function opensNothing(blob: Bytes, key: Bytes = KEY): Promise<void> {
  await expect(open(key, TYPE, FIELDS, blob)).rejects.toThrow(Broken)
}

test('what is sealed opens again, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 9000 }), async (plaintext) => {
      const blob = await seal(KEY, TYPE, FIELDS, plaintext)

      expect(await open(KEY, TYPE, FIELDS, blob)).toEqual(new Uint8Array(plaintext))
    }),
    { numRuns: 60 }
  )
})

test('the smallest object has 212 bytes, and nothing smaller is looked at', async () => {
  expect(await seal(KEY, TYPE, FIELDS, new Uint8Array(0))).toHaveLength(SMALLEST_BLOB)
  expect(SMALLEST_BLOB).toBe(212)
})

test('padding hides lengths and comes off again, at every step of it', () => {
  for (const length of [0, 1, 123, 124, 125, 4091, 4092, 4093, 5000, 65_000, 1_000_000]) {
    const padded = pad(new Uint8Array(length).fill(9))

    expect(unpad(padded)).toHaveLength(length)
    expect(padded.length).toBeLessThanOrEqual(Math.max(128, (length + 4) * 1.12 + 128))
  }
  expect(pad(new Uint8Array(124))).toHaveLength(128)
  expect(pad(new Uint8Array(125))).toHaveLength(256)
  expect(pad(new Uint8Array(4093))).toHaveLength(4352)
})

test('padding that says more or less than it holds is broken', () => {
  const honest = pad(utf8('hello'))
  const filled = honest.slice()
  filled[127] = 1
  const tooLong = concat(honest, new Uint8Array(128))
  const lying = concat(u32(125), honest.subarray(4))

  for (const padded of [filled, tooLong, lying, honest.slice(0, 3), new Uint8Array(0)]) {
    expect(() => unpad(padded)).toThrow(Broken)
  }
})

test('M06: no other value of any byte of the head is accepted', async () => {
  const blob = await sealed()

  for (let at = 0; at < 4; at++) {
    for (let value = 0; value < 256; value++) {
      if (blob[at] === value) continue
      const changed = blob.slice()
      changed[at] = value
      await opensNothing(changed)
    }
  }
})

test('M06: an object of one type does not open as any other', async () => {
  const blob = await sealed()

  for (const type of Object.values(ObjectType)) {
    if (type === TYPE) continue
    const changed = blob.slice()
    changed[3] = type
    await expect(open(KEY, type, FIELDS, changed)).rejects.toThrow(Broken)
  }
})

test('M07: every flipped bit breaks the object', async () => {
  const blob = await sealed()

  for (let bit = 0; bit < blob.length * 8; bit++) {
    const changed = blob.slice()
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    await opensNothing(changed)
  }
})

test('M07: every prefix and every extension is broken', async () => {
  const blob = await sealed()

  for (let length = 0; length < blob.length; length++) await opensNothing(blob.slice(0, length))
  for (const extra of [1, 16, 128]) await opensNothing(concat(blob, new Uint8Array(extra)))
})

test('every change of a field, its order or its number breaks the object', async () => {
  const blob = await sealed()
  const [first, second] = FIELDS as [Bytes, Bytes]

  for (const fields of [[], [first], [second, first], [first, u64(4n)], [concat(first, second)]]) {
    await expect(open(KEY, TYPE, fields, blob)).rejects.toThrow(Broken)
  }
})

test('M08: what another key would decrypt too is refused before it is decrypted', async () => {
  // the adversary knows both keys and gives the second one its own, valid ciphertext:
  // only the commitment is still that of the first
  const salt = randomBytes(32)
  const other = new Uint8Array(32).fill(8)
  const mine = await sealWithSalt(KEY, TYPE, FIELDS, utf8('mine'), salt)
  const theirs = await sealWithSalt(other, TYPE, FIELDS, utf8('theirs'), salt)
  const crafted = concat(mine.subarray(0, 68), theirs.subarray(68))

  await opensNothing(crafted, other)
  await opensNothing(crafted, KEY)
})

test('two seals of one message have nothing in common but their head', async () => {
  const [one, two] = [await sealed(), await sealed()]

  expect(one.subarray(0, 4)).toEqual(two.subarray(0, 4))
  expect(one.subarray(4, 36)).not.toEqual(two.subarray(4, 36))
  expect(one.subarray(68)).not.toEqual(two.subarray(68))
})
