import { ed25519 } from '@noble/curves/ed25519.js'
import { expect, test } from 'vitest'
import { concat, fromHex, hex, randomBytes, utf8 } from '../../src/lib/crypto/bytes.ts'
import * as ed from '../../src/lib/crypto/ed25519.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import * as xwing from '../../src/lib/crypto/xwing.ts'

const BACKENDS = [ed.byWebCrypto, ed.byNoble]
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'
]

test('both makers of signatures agree with each other', async () => {
  const seed = randomBytes(32)
  const message = utf8('a message')
  const [a, b] = BACKENDS as [ed.Backend, ed.Backend]

  expect(await a.publicKey(seed)).toEqual(await b.publicKey(seed))
  expect(await a.sign(seed, message)).toEqual(await b.sign(seed, message))
  for (const by of BACKENDS) {
    const signature = await by.sign(seed, message)
    const publicKey = await by.publicKey(seed)
    for (const verifier of BACKENDS) {
      expect(await ed.edVerify(publicKey, message, signature, verifier)).toBe(true)
      expect(await ed.edVerify(publicKey, utf8('another'), signature, verifier)).toBe(false)
    }
  }
})

test('M30: the forgery under a key of small order is refused by every maker', async () => {
  const identity = fromHex(SMALL_ORDER[0] ?? '')
  const forged = concat(identity, new Uint8Array(32))

  for (const by of BACKENDS) {
    expect(await ed.edVerify(identity, utf8('anything'), forged, by)).toBe(false)
  }
})

test('M30: all points of small order are refused as keys, and they are of small order', () => {
  for (const encoded of SMALL_ORDER) {
    expect(ed25519.Point.fromHex(encoded).isSmallOrder()).toBe(true)
    expect(() => {
      ed.checkEdPk(fromHex(encoded))
    }).toThrow(Broken)
  }
})

test('M30: keys that are not canonical or not 32 bytes are refused', () => {
  const p = 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
  const pPlusTwo = 'efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'

  for (const key of [p, pPlusTwo, '', '00', `${'11'.repeat(33)}`]) {
    expect(() => {
      ed.checkEdPk(fromHex(key))
    }).toThrow(Broken)
  }
})

test('M30: a signature whose S is not reduced is refused', async () => {
  const seed = randomBytes(32)
  const message = utf8('a message')
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const publicKey = await ed.edPublicKey(seed)
  const signature = await ed.edSign(seed, message)
  const s = BigInt(`0x${hex(signature.slice(32).reverse())}`) + order
  const raised = fromHex(s.toString(16).padStart(64, '0')).reverse()

  for (const by of BACKENDS) {
    expect(await ed.edVerify(publicKey, message, signature, by)).toBe(true)
    const second = concat(signature.subarray(0, 32), raised)
    expect(await ed.edVerify(publicKey, message, second, by)).toBe(false)
  }
})

test('the rule is without cofactor: an R with a part of small order is refused', async () => {
  const { Point } = ed25519
  const seed = randomBytes(32)
  const { scalar } = ed25519.utils.getExtendedPublicKey(seed)
  const publicKey = await ed.edPublicKey(seed)
  const torsion = Point.fromHex(SMALL_ORDER[4] ?? '')
  const nonce = 12345n
  const r = new Uint8Array(Point.BASE.multiply(nonce).add(torsion).toBytes())
  const message = utf8('mixed')
  const digest = await crypto.subtle.digest('SHA-512', concat(r, publicKey, message))
  const h = BigInt(`0x${hex(new Uint8Array(digest).reverse())}`)
  const s = (nonce + h * scalar) % Point.Fn.ORDER
  const signature = concat(r, fromHex(s.toString(16).padStart(64, '0')).reverse())

  expect(ed25519.verify(signature, message, publicKey, { zip215: true })).toBe(true)
  for (const by of BACKENDS) {
    expect(await ed.edVerify(publicKey, message, signature, by)).toBe(false)
  }
})

test('both makers of X-Wing agree with each other', async () => {
  const seed = randomBytes(32)
  const info = utf8('about')
  const publicKey = await xwing.byScript.publicKey(seed)

  expect(await xwing.byWebCrypto.publicKey(seed)).toEqual(publicKey)
  for (const sealer of [xwing.byWebCrypto, xwing.byScript]) {
    const sealed = await sealer.seal(publicKey, info, utf8('keys'))
    expect(sealed).toHaveLength(1120 + 4 + 16)
    for (const opener of [xwing.byWebCrypto, xwing.byScript]) {
      expect(await opener.open(seed, info, sealed)).toEqual(utf8('keys'))
      await expect(opener.open(seed, utf8('else'), sealed)).rejects.toThrow()
    }
  }
})

test('M31: an X-Wing key with an X25519 half of low order is refused', async () => {
  const honest = await xwing.byScript.publicKey(randomBytes(32))
  const low = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
  ]

  xwing.checkXPk(honest)
  for (const point of low) {
    for (const top of [0, 0x80]) {
      const half = fromHex(point)
      half[31] = (half[31] ?? 0) | top
      expect(() => {
        xwing.checkXPk(concat(honest.subarray(0, 1184), half))
      }).toThrow(Broken)
    }
  }
})

test('M31: an X-Wing key whose ML-KEM half is not reduced, or of another length, is refused', async () => {
  const honest = await xwing.byScript.publicKey(randomBytes(32))
  const unreduced = honest.slice()
  unreduced.set([0x01, 0xdd], 0)
  const second = honest.slice()
  second.set([(second[1] ?? 0) | 0xf0, 0xff], 1)

  for (const key of [unreduced, second, honest.slice(1), concat(honest, honest.subarray(0, 1))]) {
    expect(() => {
      xwing.checkXPk(key)
    }).toThrow(Broken)
  }
})
