/** The account key and the recovery code as people read and type them. */
import { type Bytes, concat, equal, randomBytes, utf8 } from './bytes.ts'
import { decode, encode } from './crockford.ts'
import { Mistyped } from './errors.ts'
import { sha256 } from './hashes.ts'

type Form = { length: number; check: number; label: string }

const ACCOUNT_KEY: Form = { length: 16, check: 4, label: 'keyarc/ka1/account-key-check\0' }
const RECOVERY_CODE: Form = { length: 20, check: 5, label: 'keyarc/ka1/recovery-code-check\0' }

async function checkOf(form: Form, raw: Uint8Array): Promise<Bytes> {
  return (await sha256(utf8(form.label), raw)).slice(0, form.check)
}

async function show(form: Form, raw: Bytes): Promise<string> {
  if (raw.length !== form.length) throw new RangeError(`not ${String(form.length)} bytes`)
  const text = encode(concat(raw, await checkOf(form, raw)))
  return (text.match(/.{4}/g) ?? []).join('-')
}

async function parse(form: Form, typed: string): Promise<Bytes> {
  const text = typed.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')
  if (text.length !== ((form.length + form.check) * 8) / 5) throw new Mistyped('wrong length')
  const whole = decode(text)
  const raw = whole.slice(0, form.length)
  if (!equal(whole.subarray(form.length), await checkOf(form, raw))) throw new Mistyped('mistyped')
  return raw
}

/** 16 random bytes, made once at sign-up. */
export function makeAccountKey(): Bytes {
  return randomBytes(ACCOUNT_KEY.length)
}

/** Eight groups of four characters. */
export function showAccountKey(accountKey: Bytes): Promise<string> {
  return show(ACCOUNT_KEY, accountKey)
}

/** Reads a typed account key; a slip is `Mistyped`. */
export function parseAccountKey(typed: string): Promise<Bytes> {
  return parse(ACCOUNT_KEY, typed)
}

/** 20 random bytes: 160 bits. */
export function makeRecoveryCode(): Bytes {
  return randomBytes(RECOVERY_CODE.length)
}

/** Ten groups of four characters. */
export function showRecoveryCode(recoveryCode: Bytes): Promise<string> {
  return show(RECOVERY_CODE, recoveryCode)
}

/** Reads a typed recovery code; a slip is `Mistyped`. */
export function parseRecoveryCode(typed: string): Promise<Bytes> {
  return parse(RECOVERY_CODE, typed)
}
