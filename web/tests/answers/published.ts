/** Answers that others published: RFCs, Wycheproof, the authors of Ed25519. */
import { concat } from '../../src/lib/crypto/bytes.ts'
import { type Backend, checkEdPk, edVerify } from '../../src/lib/crypto/ed25519.ts'
import { Broken } from '../../src/lib/crypto/errors.ts'
import { expand, hkdf } from '../../src/lib/crypto/hashes.ts'
import { decrypt, encrypt } from '../../src/lib/crypto/seal.ts'
import { checkXPk, type Hpke } from '../../src/lib/crypto/xwing.ts'
import { raw, Tally, type Vectors } from './agree.ts'

/** Wycheproof's AES-GCM, for one size each of key, nonce and tag. */
export async function aesGcm(cases: Vectors[]): Promise<number> {
  const tally = new Tally()
  for (const { key, iv, aad, msg, ct, tag, result } of cases) {
    const keys = raw(key + iv)
    if (result === 'valid') {
      tally.same(await decrypt(keys, raw(aad), raw(ct + tag)), msg, 'opened')
      tally.same(await encrypt(keys, raw(aad), raw(msg)), ct + tag, 'sealed')
    } else await tally.refuses(() => decrypt(keys, raw(aad), raw(ct + tag)), Broken, 'forged')
  }
  return tally.count
}

/** Wycheproof's HKDF-SHA-256. */
export async function hkdfs(cases: Vectors[]): Promise<number> {
  const tally = new Tally()
  for (const { ikm, salt, info, size, okm, result } of cases) {
    const derived = (): Promise<unknown> => hkdf(raw(ikm), raw(salt), raw(info), size)
    if (result === 'valid') tally.same(await derived(), okm, 'okm')
    else await tally.refuses(derived, DOMException, 'too long')
  }
  return tally.count
}

/** HKDF-Expand alone, RFC 5869. */
export async function expansions(cases: Vectors[]): Promise<number> {
  const tally = new Tally()
  for (const { prk, info, l, okm } of cases) {
    tally.same(await expand(raw(prk), raw(info), Number(l)), okm, 'okm')
  }
  return tally.count
}

/** Ed25519 by its authors: `secret:public:message:signature‖message`. */
export async function signatures(lines: string[], by: Backend): Promise<number> {
  const tally = new Tally()
  for (const line of lines) {
    const [secret = '', publicKey = '', message = '', signed = ''] = line.split(':')
    const seed = raw(secret.slice(0, 64))
    const signature = raw(signed.slice(0, 128))
    tally.same(await by.publicKey(seed), publicKey, 'public key')
    tally.same(await by.sign(seed, raw(message)), signature, 'signature')
    tally.same(await edVerify(raw(publicKey), raw(message), signature, by), true, 'verified')
  }
  return tally.count
}

/** What one maker of signatures says of each key, message and signature. */
export async function verdicts(cases: Vectors[], by: Backend): Promise<boolean[]> {
  const taken: boolean[] = []
  for (const { pk, msg, sig } of cases) {
    taken.push(await edVerify(raw(pk), raw(msg), raw(sig), by))
  }
  return taken
}

function accepts(check: () => void): boolean {
  try {
    check()
    return true
  } catch (ex) {
    if (ex instanceof Broken) return false
    throw ex
  }
}

/** Which Ed25519 keys are taken. */
export function edKeys(keys: string[]): boolean[] {
  return keys.map((key) => accepts(() => checkEdPk(raw(key))))
}

/** Which X-Wing keys are taken. */
export function xKeys(keys: string[]): boolean[] {
  return keys.map((key) => accepts(() => checkXPk(raw(key))))
}

/** Seeds of X-Wing and their public keys. */
export async function xwings(cases: { seed: string; key: string }[], by: Hpke): Promise<number> {
  const tally = new Tally()
  for (const { seed, key } of cases) {
    tally.same(await by.publicKey(raw(seed)), key, 'public key')
    const sealed = await by.seal(raw(key), raw('01'), raw('02'))
    tally.same(await by.open(raw(seed), raw('01'), sealed), '02', 'opened')
    const cut = concat(sealed.subarray(0, -1), raw('00'))
    await tally.refuses(() => by.open(raw(seed), raw('01'), cut), Error, 'forged')
  }
  return tally.count
}
