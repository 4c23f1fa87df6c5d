/** What the page and the core say to each other. */

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

/** The last change of a vault: which, by whom (a user id), when. */
export type Head = { seq: string; author: string; timeMs: number }

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

/** `new`: no account known here; `locked`: one is known; `open`: its keys are in memory. */
export type Status = { state: 'new' | 'locked' | 'open'; email?: string; userId?: string }

/**
 * Everything the page may ask of the core. Every promise rejects with a `CoreError` and with
 * nothing else.
 */
export interface Core {
  status(): Promise<Status>
  /** Makes the keys of a new account; nothing is sent yet. */
  prepareSignUp(a: {
    email: string
    password: string
  }): Promise<{ accountKey: string; recoveryCode: string; userId: string }>
  /** Sends what `prepareSignUp` made, and logs in. */
  confirmSignUp(): Promise<void>
  /** `accountKey` is needed when this browser does not know it. */
  logIn(a: { email: string; password: string; accountKey?: string }): Promise<void>
  /** Opens what this browser keeps; logs in again by itself if the session is over. */
  unlock(a: { password: string }): Promise<void>
  /** Drops every key from memory, at once. */
  lock(): void
  logOut(): Promise<void>
  /** Logs out and removes the account from this browser. */
  forget(): Promise<void>
  /** The account key again, for another emergency kit. */
  accountKey(a: { password: string }): Promise<string>
  vaults(): Promise<Vault[]>
  createVault(a: { name: string; description: string; icon: string }): Promise<Vault>
  /** Loads, verifies and decrypts the overviews; `onRows` gets at most 500 rows a call. */
  open(vaultId: string, onRows: (rows: Row[], progress: Progress) => void): Promise<Head>
  details(vaultId: string, secretId: string): Promise<Details>
  /** A new secret when `secretId` is null, else a new version of it. */
  save(
    vaultId: string,
    secretId: string | null,
    overview: Overview,
    details: Details,
    seen?: string
  ): Promise<Row>
  remove(vaultId: string, secretIds: string[]): Promise<void>
  /** Undoes a removal. */
  restore(vaultId: string, secretId: string): Promise<Row>
}
