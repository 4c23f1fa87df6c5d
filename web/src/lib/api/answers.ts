/** The server's answers, read strictly. Nothing in them is believed for having the right shape. */
import { type Bytes, idBytes, parseU64, unb64 } from '../crypto/bytes.ts'
import { checkBlob, ObjectType, SUITE } from '../crypto/encoding.ts'
import { Broken } from '../crypto/errors.ts'
import type { Json } from '../crypto/json.ts'
import type { AuditPin } from '../crypto/memories.ts'
import type { PasskeyUnlock } from '../crypto/passkeys.ts'
import { asArray, asCount, asString, exactly, having, orNull } from '../crypto/shape.ts'
import { readUnlock } from './second-factors.ts'

function readId(value: Json): string {
  const id = asString(value)
  idBytes(id)
  return id
}

function readBlob(value: Json, type: ObjectType): Bytes {
  const blob = unb64(value)
  checkBlob(blob, type)
  return blob
}

function checkSuite(value: Json): void {
  if (value !== SUITE) throw new Broken('unknown suite')
}

/** What a login begins with. */
export type Prelogin = { userId: string; salt: Bytes }

/** Reads an answer of prelogin: three keys and not one more, so that nothing can be tuned. */
export function readPrelogin(json: Json): Prelogin {
  const { user_id, suite, salt } = exactly(json, 'user_id', 'suite', 'salt')
  checkSuite(suite)
  return { userId: readId(user_id), salt: unb64(salt, 16) }
}

/** A keyring as the server keeps it. */
export type SealedKeyring = { revision: bigint; blob: Bytes }

/** Reads a sealed keyring. */
export function readKeyring(json: Json): SealedKeyring {
  const { revision, blob } = having(json, 'revision', 'blob')
  return { revision: parseU64(revision), blob: readBlob(blob, ObjectType.KEYRING) }
}

/** Reads the revision that a keyring was saved as. */
export function readRevision(json: Json): bigint {
  return parseU64(having(json, 'revision').revision)
}

/** What a login brings: everything sealed that an account has. */
export type Login = {
  userId: string
  salt: Bytes
  keyset: bigint
  userKey: Bytes
  identity: Bytes
  idcert: Bytes
  keyring: SealedKeyring
  /** The user key as the passkey that was used opens it. */
  passkey: PasskeyUnlock | null
}

/** Reads a login. */
export function readLogin(json: Json): Login {
  const answer = having(
    json,
    'user_id',
    'session_id',
    'suite',
    'salt',
    'keyset',
    'user_key',
    'identity',
    'idcert',
    'keyring',
    'passkey',
    'expires_in'
  )
  checkSuite(answer.suite)
  asCount(answer.expires_in)
  readId(answer.session_id)
  return {
    userId: readId(answer.user_id),
    salt: unb64(answer.salt, 16),
    keyset: parseU64(answer.keyset),
    userKey: readBlob(answer.user_key, ObjectType.USER_KEY_BY_PASSWORD),
    identity: readBlob(answer.identity, ObjectType.IDENTITY),
    idcert: unb64(answer.idcert),
    keyring: readKeyring(answer.keyring),
    passkey: orNull(answer.passkey, readUnlock)
  }
}

/** What the server says the head is. */
export type ClaimedHead = { seq: bigint; hash: Bytes; state: Bytes }

function readHead(json: Json): ClaimedHead {
  const { seq, hash, state } = having(json, 'seq', 'hash', 'state')
  return { seq: parseU64(seq), hash: unb64(hash, 32), state: unb64(state, 32) }
}

/** One vault of the list. */
export type ListedVault = {
  vaultId: string
  head: ClaimedHead
  profile: { epoch: bigint; seq: bigint; blob: Bytes }
  secrets: number
  idcerts: Bytes[]
}

function readVault(json: Json): ListedVault {
  const vault = having(
    json,
    'vault_id',
    'role',
    'joined_at',
    'head',
    'profile',
    'secrets',
    'members'
  )
  const { epoch, seq, blob } = having(vault.profile, 'epoch', 'seq', 'blob')
  return {
    vaultId: readId(vault.vault_id),
    head: readHead(vault.head),
    profile: {
      epoch: parseU64(epoch),
      seq: parseU64(seq),
      blob: readBlob(blob, ObjectType.VAULT_PROFILE)
    },
    secrets: asCount(vault.secrets),
    idcerts: asArray(vault.members).map((member) =>
      unb64(having(member, 'user_id', 'role', 'idcert').idcert)
    )
  }
}

/** Reads the list of vaults. */
export function readVaults(json: Json): ListedVault[] {
  const { items, next } = having(json, 'items', 'next')
  if (next !== null) throw new Broken('a list that goes on')
  const vaults = asArray(items).map(readVault)
  const ids = new Set(vaults.map(({ vaultId }) => vaultId))
  if (ids.size !== vaults.length) throw new Broken('a vault twice')
  return vaults
}

/** A secret of the list. */
export type ListedSecret = {
  secretId: string
  version: bigint
  epoch: bigint
  overview: Bytes
  detailsHash: Bytes
}

/** The list of a vault's secrets, or what of it changed. */
export type Listing = {
  head: ClaimedHead
  /** Where the access log ends. */
  audit: AuditPin
  secrets: ListedSecret[]
  deleted: [string, bigint][]
}

function readSecret(json: Json): ListedSecret {
  const secret = having(json, 'secret_id', 'version', 'epoch', 'seq', 'overview', 'details_hash')
  parseU64(secret.seq)
  return {
    secretId: readId(secret.secret_id),
    version: parseU64(secret.version),
    epoch: parseU64(secret.epoch),
    overview: readBlob(secret.overview, ObjectType.SECRET_OVERVIEW),
    detailsHash: unb64(secret.details_hash, 32)
  }
}

/** Reads a listing. */
export function readListing(json: Json): Listing {
  const { head, audit, secrets, deleted } = having(json, 'head', 'audit', 'secrets', 'deleted')
  const { seq, hash } = having(audit, 'seq', 'hash')
  return {
    head: readHead(head),
    audit: { seq: parseU64(seq), hash: unb64(hash, 32) },
    secrets: asArray(secrets).map(readSecret),
    deleted: asArray(deleted).map((one) => {
      const { secret_id, version, seq } = having(one, 'secret_id', 'version', 'seq')
      parseU64(seq)
      return [readId(secret_id), parseU64(version)]
    })
  }
}

/** One version of a secret, whole. */
export type SealedSecret = {
  secretId: string
  version: bigint
  epoch: bigint
  overview: Bytes
  details: Bytes
}

/** Reads one version of a secret. */
export function readSealedSecret(json: Json): SealedSecret {
  const secret = having(json, 'secret_id', 'version', 'epoch', 'overview', 'details')
  return {
    secretId: readId(secret.secret_id),
    version: parseU64(secret.version),
    epoch: parseU64(secret.epoch),
    overview: readBlob(secret.overview, ObjectType.SECRET_OVERVIEW),
    details: readBlob(secret.details, ObjectType.SECRET_DETAILS)
  }
}

/** Some of a vault's history, and where it goes on. */
export type Page = { commits: { commit: Bytes; signature: Bytes }[]; next: bigint | null }

/** Reads a page of history. */
export function readPage(json: Json): Page {
  const { items, next } = having(json, 'items', 'next')
  const commits = asArray(items).map((item) => {
    const { seq, commit, signature } = having(item, 'seq', 'commit', 'signature')
    parseU64(seq)
    return { commit: unb64(commit), signature: unb64(signature, 64) }
  })
  return { commits, next: next === null ? null : parseU64(next) }
}

/** Refuses an answer to a commit that names another commit. */
export function checkStored(json: Json, seq: bigint, hash: string, ...more: string[]): void {
  const answer = having(json, 'seq', 'hash', ...more)
  if (answer['seq'] !== String(seq) || answer['hash'] !== hash) throw new Broken('another commit')
}
