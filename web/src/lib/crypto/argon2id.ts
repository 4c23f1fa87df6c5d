/** Argon2id with the one set of parameters; they are constants and never come from a server. */
import { argon2id } from 'hash-wasm'
import type { Bytes } from './bytes.ts'

/** RFC 9106, second recommended option: 64 MiB, three passes, four lanes. */
export const ARGON2ID = { memoryKiB: 65_536, passes: 3, lanes: 4, length: 32 } as const

/** Stretches a password; `password` and `salt` are what the format says, checked before. */
export type Stretch = (password: Bytes, salt: Bytes) => Promise<Bytes>

/** By WebAssembly: a third of a second. */
export const stretchByWasm: Stretch = async (password, salt) => {
  const raw = await argon2id({
    password,
    salt,
    memorySize: ARGON2ID.memoryKiB,
    iterations: ARGON2ID.passes,
    parallelism: ARGON2ID.lanes,
    hashLength: ARGON2ID.length,
    outputType: 'binary'
  })
  return new Uint8Array(raw)
}

/** In plain JavaScript, where WebAssembly is switched off: some seconds. */
export const stretchByScript: Stretch = async (password, salt) => {
  const { argon2id } = await import('@noble/hashes/argon2.js')
  const options = {
    m: ARGON2ID.memoryKiB,
    t: ARGON2ID.passes,
    p: ARGON2ID.lanes,
    dkLen: ARGON2ID.length
  }
  return new Uint8Array(argon2id(password, salt, options))
}

/** Stretches by the fastest way that this browser allows. */
export const stretch: Stretch = (password, salt) =>
  typeof WebAssembly === 'object' ? stretchByWasm(password, salt) : stretchByScript(password, salt)
