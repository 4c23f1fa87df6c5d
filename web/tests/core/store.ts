/** What the server of the tests keeps of a vault, and what it tells of it. */
import type { Request } from '../../src/lib/api/http.ts'
import { b64, unb64 } from '../../src/lib/crypto/bytes.ts'
import { type Commit, parseCommit } from '../../src/lib/crypto/commits.ts'
import type { Accesses } from './past.ts'
import { type Any, Refusal } from './refusal.ts'

export type Stored = { commit: Commit; body: Any }
export type Version = { secret_id: string; version: string; epoch: string; seq: string } & Any
export type Vault = {
  id: string
  profile: Any
  commits: Stored[]
  versions: Version[]
  accesses: Accesses
}

/** The name of a list, by both heads. */
export function nameOf({ path }: Request, answer: unknown): string | null {
  const { head, audit } = (answer ?? {}) as Any
  return path.includes('/secrets?') ? JSON.stringify([path, head, audit]) : null
}

export function headOf(vault: Vault): { seq: string; hash: string; state: string } {
  const { seq, hash, state } = vault.commits.at(-1)?.commit ?? {}
  if (seq === undefined || !hash || !state) throw new Error('no head')
  return { seq: String(seq), hash: b64(hash), state: b64(state) }
}

export async function append(vault: Vault, body: Any): Promise<{ seq: string; hash: string }> {
  const commit = await parseCommit(unb64(body['commit']), unb64(body['signature']))
  if (commit.seq !== BigInt(vault.commits.length + 1)) {
    throw new Refusal(409, 'stale-head', { head: headOf(vault) })
  }
  vault.commits.push({ commit, body })
  const renamed = commit.ops.find(({ op }) => op === 'profile')
  if (renamed?.op === 'profile') {
    const place = { epoch: String(renamed.epoch), seq: String(commit.seq) }
    vault.profile = { ...place, blob: body['profile'] }
  }
  const blobs = [...(body['blobs'] as { overview: string; details: string }[])]
  for (const op of commit.ops) {
    if (op.op !== 'put' && op.op !== 'delete') continue
    const place = { secret_id: op.secretId, version: String(op.version), seq: String(commit.seq) }
    if (op.op === 'delete') vault.versions.push({ ...place, epoch: '0', deleted: true })
    else {
      const more = { epoch: String(op.epoch), details_hash: b64(op.detailsHash) }
      vault.versions.push({ ...place, ...more, ...blobs.shift() })
    }
  }
  return { seq: String(commit.seq), hash: b64(commit.hash) }
}

export function page(vault: Vault, after: bigint): unknown {
  const items = vault.commits.slice(Number(after)).map(({ commit, body }) => ({
    seq: String(commit.seq),
    commit: body['commit'],
    signature: body['signature']
  }))
  return { items, next: null }
}

function pick(version: Version | undefined, ...keys: string[]): Any {
  if (version === undefined) throw new Refusal(404, 'not-found')
  return Object.fromEntries(keys.map((key) => [key, version[key]]))
}

export function listing(
  vault: Vault,
  since: bigint
): { head: Any; audit: Any; secrets: Any[]; deleted: Any[] } {
  const newest = [...new Map(vault.versions.map((v) => [v.secret_id, v])).values()].filter(
    ({ seq }) => BigInt(seq) > since
  )
  const keys = ['secret_id', 'version', 'epoch', 'seq', 'overview', 'details_hash']
  return {
    head: headOf(vault),
    audit: vault.accesses.shown,
    secrets: newest.filter((v) => v['deleted'] !== true).map((v) => pick(v, ...keys)),
    deleted: newest
      .filter((v) => v['deleted'] === true)
      .map((v) => pick(v, 'secret_id', 'version', 'seq'))
  }
}

export function one(vault: Vault, [id, , version]: string[]): unknown {
  if (id === 'read')
    return { items: listing(vault, 0n).secrets.map((s) => one(vault, [String(s['secret_id'])])) }
  const found = vault.versions.findLast(
    (v) => v.secret_id === id && (version === undefined || v.version === version)
  )
  if (version !== undefined && found?.['details'] === undefined) throw new Refusal(410, 'purged')
  return pick(found, 'secret_id', 'version', 'epoch', 'overview', 'details')
}
