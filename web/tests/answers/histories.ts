/** `tests/vectors/history.json`. */
import type { SecretEntry } from '../../src/lib/crypto/buckets.ts'
import { hex } from '../../src/lib/crypto/bytes.ts'
import { encodeCommit, parseCommit } from '../../src/lib/crypto/commits.ts'
import { Broken, Forbidden, Stale } from '../../src/lib/crypto/errors.ts'
import { roleByte } from '../../src/lib/crypto/ops.ts'
import { makePin, pinFromJson, pinToJson, stateFromPin } from '../../src/lib/crypto/pins.ts'
import { State } from '../../src/lib/crypto/state.ts'
import { checkVaultKey } from '../../src/lib/crypto/vault-keys.ts'
import { Certificates } from '../../src/lib/crypto/certificates.ts'
import { raw, Tally, type Vectors } from './agree.ts'

const ERRORS = { forbidden: Forbidden, stale: Stale, broken: Broken }

async function everyone(v: Vectors): Promise<Certificates> {
  const known = new Certificates()
  for (const { idcert } of Object.values<Vectors>(v.people)) await known.add(raw(idcert))
  for (const { commit, signature } of v.commits) {
    await known.addFrom(await parseCommit(raw(commit), raw(signature)))
  }
  return known
}

async function take(state: State, known: Certificates, one: Vectors): Promise<void> {
  const commit = await parseCommit(raw(one.commit), raw(one.signature))
  await known.addFrom(commit)
  await state.apply(commit, await known.authorOf(commit, state))
}

async function follow(v: Vectors, known: Certificates, seq: number): Promise<State> {
  const state = State.empty(v.vault_id)
  for (const one of v.commits.slice(0, seq)) await take(state, known, one)
  return state
}

/** Follows the history from the start and from every pin, and refuses what must be refused. */
export async function histories(v: Vectors): Promise<number> {
  const tally = new Tally()
  const known = await everyone(v)
  const state = State.empty(v.vault_id)
  for (const one of v.commits) {
    await take(state, known, one)
    await compare(tally, state, one)
    await fromPin(tally, v, known, state)
  }
  for (const { secret_id, version } of v.secrets_at_head) {
    tally.same(String(state.secret(secret_id)?.version), String(version), secret_id)
  }
  tally.same(state.size, v.secrets_at_head.length, 'live secrets')
  for (const [id, version] of Object.entries<number>(v.deleted_at_head)) {
    tally.same(String(state.nextVersion(id)), String(version + 1), 'after a deletion')
  }
  for (const [epoch, key] of Object.entries<string>(v.vault_keys)) {
    const at = [v.vault_id, BigInt(epoch), raw(v.vk_commits[epoch])] as const
    await checkVaultKey(raw(key), ...at)
    await tally.refuses(() => checkVaultKey(raw('00'.repeat(32)), ...at), Broken, 'vault key')
  }
  await refusals(tally, v, known)
  return tally.count
}

async function compare(tally: Tally, state: State, one: Vectors): Promise<void> {
  const { what, after } = one
  const commit = await parseCommit(raw(one.commit), raw(one.signature))
  tally.same(encodeCommit(commit), one.commit, `${what}: bytes`)
  tally.same(state.head.hash, one.hash, `${what}: hash`)
  tally.same(state.head.state, one.state, `${what}: state`)
  const { roster, invites, epochs, profile } = state.parts
  const members = after.roster.map((m: Vectors) => [m.user_id, m.role, m.idcert_hash])
  const found = [...roster].map(([id, m]) => [id, roleByte(m.role), hex(m.idcertHash)])
  tally.same(found.sort(), members, `${what}: roster`)
  tally.same(invites.size, after.invites.length, `${what}: invitations`)
  tally.same([...epochs.values()].map(hex), after.epochs, `${what}: epochs`)
  tally.same(String(profile?.seq), String(after.profile?.seq), `${what}: profile`)
}

/** From the pin of this moment to the head, with the list in the end. */
async function fromPin(tally: Tally, v: Vectors, known: Certificates, state: State): Promise<void> {
  const kept = JSON.parse(JSON.stringify(pinToJson(makePin(state)))) as Vectors
  const later = stateFromPin(v.vault_id, pinFromJson(kept))
  for (const one of v.commits.slice(Number(state.head.seq))) await take(later, known, one)
  const list = new Map<string, SecretEntry>()
  for (const one of v.secrets_at_head) {
    const { secret_id, version, epoch, overview_hash, details_hash } = one
    const hashes = { overviewHash: raw(overview_hash), detailsHash: raw(details_hash) }
    list.set(secret_id, { version: BigInt(version), epoch: BigInt(epoch), ...hashes })
  }
  const [first] = list.keys()
  const dropped = new Map(list)
  dropped.delete(String(first))
  await tally.refuses(() => later.load(dropped), Broken, 'a list with a gap')
  await later.load(list)
  tally.same(later.size, list.size, 'list')
}

async function refusals(tally: Tally, v: Vectors, known: Certificates): Promise<void> {
  for (const one of v.refused) {
    const kind = ERRORS[one.error as keyof typeof ERRORS]
    const state = await follow(v, known, one.after_seq)
    const before = state.head.hash
    await tally.refuses(() => take(state, known, one), kind, one.why)
    tally.same(state.head.hash, before, `${one.why}: unchanged`)
  }
}
