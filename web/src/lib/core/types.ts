/** What the page and the core say to each other. */
import type { Bytes } from '../crypto/bytes.ts'
import type { WorkerCore } from './worker-core.ts'

/** A role in a vault, from most to least. */
export type Role = 'owner' | 'admin' | 'member' | 'viewer'

/** What kind of credential a secret is. */
export type Kind = 'api_key' | 'certificate' | 'password' | 'note' | 'other'

/** A verdict or a setting of a check, kept as it was found. */
export type Check = Record<string, unknown> | null

/** What a list shows of a secret; never a value. */
export type Overview = {
  name: string
  kind: Kind
  provider: string | null
  path: string
  tags: string[]
  environment: string | null
  expires_at: string | null
  reminder: number | null
  rotate_days: number | null
  /** When the first value was last changed, in ms. */
  rotated_at: string
  check: Check
  fingerprints: string[]
  updated_at: string
}

/** One named value of a secret. */
export type Field = { name: string; value: string; concealed: boolean }

/** The values of a secret; the first field is the value. */
export type Details = {
  fields: Field[]
  notes: string
  check: Check
  certificate: string | null
}

/** A secret as a list shows it. */
export type Row = { id: string; version: string; overview: Overview }

/** A secret that was written; `told` is false where its reminder's day did not reach the server. */
export type Written = Row & { told: boolean }

/** The last change of a vault: which, by whom (a user id), when. */
export type Head = { seq: string; author: string; timeMs: number }

/** What is known of a vault once it is opened. */
export type Opened = { head: Head; role: Role }

/** A vault as the list of vaults shows it. */
export type Vault = {
  id: string
  name: string
  description: string
  icon: string
  role: Role
  secrets: number
  head: Head
}

/** How far an opening has come, in secrets. */
export type Progress = { done: number; total: number }

/** Hears how far a longer work has come. */
export type Told = (done: number, total: number) => void

/** `new`: no account known here; `locked`: one is known; `open`: its keys are in memory. */
export type Status =
  | { state: 'new' }
  | {
      state: 'locked'
      email: string
      userId: string
      /** Whether this browser knows the account key. */
      keyed: boolean
      /** How many passkeys can unlock here. */
      passkeys: number
    }
  | { state: 'open'; email: string; userId: string }

/** The second factors of the account. */
export type Factors = {
  totp: boolean
  /** How many are left. */
  backupCodes: number
  /** Times in RFC 3339. */
  passkeys: {
    id: string
    name: string
    createdAt: string
    lastUsedAt: string | null
    /** Whether it opens the vaults, or serves as a second factor only. */
    unlocks: boolean
  }[]
}

/** What a passkey is asked; an empty list means any of this site's. */
export type PasskeyRequest = { challenge: string; passkeys: string[]; prfInput: Bytes }

/** What it answered: its id in base64url, the signed answer, and what its PRF gave, if anything. */
export type PasskeyAnswer = { id: string; credential: object; prf: Bytes | null }

/** The public methods of a noun of the core, as the page sees them. */
type Asks<Noun> = Pick<Noun, keyof Noun>

/**
 * Everything the page may ask of the core, by nouns. Every promise rejects with a `CoreError` and
 * with nothing else.
 */
export type Core = { readonly [Noun in keyof WorkerCore]: Asks<WorkerCore[Noun]> } & {
  /** Drops every key from memory, at once. */
  lock(): void
}
