/** X-Wing (ML-KEM-768 with X25519): public keys, their checks, and HPKE over them. */
import { type Bytes, concat, fromHex, littleEndian, unb64 } from './bytes.ts'
import { Broken } from './errors.ts'

const PUBLIC_KEY = 1216
const ML_KEM_PUBLIC_KEY = 1184
const ENCAPSULATION = 1120
const Q = 3329
const PKCS8 = fromHex('302e020100300506032b656e04220420')
const X25519_P = 2n ** 255n - 19n

/** The u of the points of low order, on the curve and its twist; all others give a full secret. */
const LOW_ORDER_U = new Set([
  0n,
  1n,
  X25519_P - 1n,
  0x00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
  0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn
])

/** FIPS 203, section 7.2: every coefficient of the encapsulation key is below q. */
function passesModulusCheck(key: Uint8Array): boolean {
  for (let i = 0; i < 1152; i += 3) {
    const [a = 0, b = 0, c = 0] = key.subarray(i, i + 3)
    if ((a | ((b & 15) << 8)) >= Q || ((b >> 4) | (c << 4)) >= Q) return false
  }
  return true
}

/** Refuses a public key of the wrong length or with either half unfit. */
export function checkXPk(publicKey: Uint8Array): void {
  if (publicKey.length !== PUBLIC_KEY) throw new Broken('wrong length')
  if (!passesModulusCheck(publicKey)) throw new Broken('not a public key')
  // X25519 ignores the top bit and reduces: so does this check
  const u = littleEndian(publicKey.subarray(ML_KEM_PUBLIC_KEY)) & ((1n << 255n) - 1n)
  if (LOW_ORDER_U.has(u % X25519_P)) throw new Broken('not a public key')
}

/** HPKE base mode with X-Wing 0x647a, HKDF-SHA256 and AES-256-GCM, without associated data. */
export type Hpke = {
  /** The public key of a 32-byte seed. */
  publicKey(seed: Bytes): Promise<Bytes>
  /** The encapsulation (1,120 bytes) and the ciphertext, joined. */
  seal(publicKey: Bytes, info: Bytes, plaintext: Bytes): Promise<Bytes>
  open(seed: Bytes, info: Bytes, sealed: Bytes): Promise<Bytes>
}

/** The calls of WebCrypto that TypeScript does not know yet. */
type ModernSubtle = {
  digest(
    algorithm: { name: string; length: number; outputLength: number },
    data: Bytes
  ): Promise<ArrayBuffer>
  importKey(
    format: string,
    raw: Bytes,
    name: string,
    extractable: boolean,
    usages: string[]
  ): Promise<CryptoKey>
  getPublicKey(key: CryptoKey, usages: string[]): Promise<CryptoKey>
  exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer>
}

const makeNativeSuite = async () => {
  const h = await import('hpke')
  return new h.CipherSuite(h.KEM_MLKEM768_X25519, h.KDF_HKDF_SHA256, h.AEAD_AES_256_GCM)
}

/** By the browser's own ML-KEM and X25519. */
export const byWebCrypto: Hpke = {
  async publicKey(seed) {
    const subtle = crypto.subtle as unknown as ModernSubtle
    const shake = { name: 'cSHAKE256', length: 768, outputLength: 768 }
    const expanded = new Uint8Array(await subtle.digest(shake, seed))
    const pq = await subtle.importKey('raw-seed', expanded.slice(0, 64), 'ML-KEM-768', false, [
      'decapsulateBits'
    ])
    const pqPublic = await subtle.getPublicKey(pq, ['encapsulateBits'])
    const raw = concat(PKCS8, expanded.slice(64))
    const t = await crypto.subtle.importKey('pkcs8', raw, 'X25519', true, ['deriveBits'])
    const { x } = await crypto.subtle.exportKey('jwk', t)
    return concat(new Uint8Array(await subtle.exportKey('raw-public', pqPublic)), unb64(x, 32))
  },
  async seal(publicKey, info, plaintext) {
    const suite = await makeNativeSuite()
    const key = await suite.DeserializePublicKey(publicKey)
    const { encapsulatedSecret, ciphertext } = await suite.Seal(key, plaintext, { info })
    return concat(encapsulatedSecret, ciphertext)
  },
  async open(seed, info, sealed) {
    const suite = await makeNativeSuite()
    const key = await suite.DeserializePrivateKey(seed)
    const enc = sealed.subarray(0, ENCAPSULATION)
    return new Uint8Array(await suite.Open(key, enc, sealed.subarray(ENCAPSULATION), { info }))
  }
}

const makeScriptSuite = async () => {
  const [{ CipherSuite, HkdfSha256, Aes256Gcm }, { XWing }] = await Promise.all([
    import('@hpke/core'),
    import('@hpke/hybridkem-x-wing')
  ])
  const kem = new XWing()
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  return { kem, suite }
}

/** In plain JavaScript. */
export const byScript: Hpke = {
  async publicKey(seed) {
    const { kem } = await makeScriptSuite()
    const { publicKey } = await kem.generateKeyPairDerand(seed)
    return new Uint8Array(await kem.serializePublicKey(publicKey))
  },
  async seal(publicKey, info, plaintext) {
    const { kem, suite } = await makeScriptSuite()
    const recipientPublicKey = await kem.importKey('raw', publicKey.slice().buffer, true)
    const { ct, enc } = await suite.seal({ recipientPublicKey, info }, plaintext)
    return concat(new Uint8Array(enc), new Uint8Array(ct))
  },
  async open(seed, info, sealed) {
    const { kem, suite } = await makeScriptSuite()
    const recipientKey = await kem.importKey('raw', seed.slice().buffer, false)
    const enc = sealed.slice(0, ENCAPSULATION)
    return new Uint8Array(
      await suite.open({ recipientKey, enc, info }, sealed.slice(ENCAPSULATION))
    )
  }
}

let chosen: Promise<Hpke> | undefined

/** The browser's own where it has all that it takes; asked once. */
export function hpke(): Promise<Hpke> {
  chosen ??= byWebCrypto
    .publicKey(new Uint8Array(32))
    .then(() => byWebCrypto)
    .catch(() => byScript)
  return chosen
}
