/** The messages between the page, the core worker and the worker that derives keys. */
import type { Bytes } from '../crypto/bytes.ts'
import type { Asked } from './calls.ts'
import type { CoreErrorCode } from './errors.ts'

/** Page to core: a call; `listens` where it is told something before it ends. */
export type Call = { id: number; asked: Asked; listens: boolean }

/** Page to core: the way to a worker that derives keys, or null where it did not start. */
export type Ports = { kdf: number; port: MessagePort | null }

/** Core to the worker that derives keys. */
export type Wanted = { password: Bytes; salt: Bytes }

/** The worker that derives keys to the core. */
export type Derived = { derived: Bytes } | { failed: string }

/** A `CoreError` as it crosses. */
export type PlainError = {
  code: CoreErrorCode
  message: string
  retryAfter?: number | undefined
  field?: string | undefined
}

/** Core to page. */
export type Answer =
  | { id: number; result: unknown }
  | { id: number; error: PlainError }
  | { id: number; told: unknown[] }
  | { kdf: number; wanted: boolean }
  | { measure: { name: Measure; ms: number } }

/** What is measured, as entries of the page's performance timeline. */
export type Measure = 'keyarc:derive' | 'keyarc:fetch' | 'keyarc:open' | 'keyarc:verify'
