/** Vaults that somebody has added this account to: none is opened without a yes. */
import { type ListedVault, readListing, readVaults } from '../api/answers.ts'
import { readMembers } from '../api/sharing.ts'
import { b64, type Bytes, equal } from '../crypto/bytes.ts'
import { Altered, KeyMissing, Rollback, Unsigned } from '../crypto/errors.ts'
import { sha256 } from '../crypto/hashes.ts'
import type { IdCert } from '../crypto/identity.ts'
import type { Role } from '../crypto/ops.ts'
import { makePin } from '../crypto/pins.ts'
import { words } from '../crypto/words.ts'
import { VaultBox } from './box.ts'
import { entriesOf } from './entries.ts'
import { CoreError } from './errors.ts'
import type { Grant } from './grants.ts'
import { History } from './history.ts'
import type { Holder } from './holder.ts'
import { readProfile } from './items.ts'
import type { LostVault } from './removal.ts'
import { fetchShares, openGranted } from './shares.ts'
import { signNext } from './signing.ts'

/** A vault that waits, verified from its genesis on; nothing of it is kept yet. */
export type WaitingVault = {
  vaultId: string
  name: string
  description: string
  icon: string
  role: Role
  members: number
  timeMs: number
  /** Who added the reader: the address, and whether only the server says that it is theirs. */
  email: string
  said: boolean
  /** The words to compare first; null where the reader has made sure of them before. */
  words: string[] | null
}

type Looked = { history: History; granter: IdCert | null; keys: Map<bigint, Bytes>; email: string }

/** What the list of vaults has besides the vaults. */
export class Waiting {
  readonly #holder: Holder
  readonly #looked = new Map<string, Looked>()
  /** Those whose history was followed: enough for a no, as anybody may send what does not open. */
  readonly #followed = new Map<string, History>()

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** The ids of the vaults that wait, as the last list of vaults has them. */
  list(): Promise<string[]> {
    return Promise.resolve([...this.#holder.vaults.waiting])
  }

  /** The vaults that one was taken out of since this was last asked. */
  lost(): Promise<LostVault[]> {
    return Promise.resolve(this.#holder.vaults.lost.splice(0))
  }

  /** Follows the history of a vault that waits, and opens its share without keeping anything. */
  async look(vaultId: string): Promise<WaitingVault> {
    const { context } = this.#holder
    const { keys, keeper, http } = context
    const listed = await this.#listed(vaultId)
    const history = new History(http, vaultId, keeper.keyring.pin(vaultId))
    for (const idcert of listed.idcerts) await history.certificates.add(idcert)
    await history.follow(listed.head)
    this.#followed.set(vaultId, history)
    const { state, grants } = history
    const member = state.member(keys.userId)
    const admission = grants.admission(keys.userId)
    if (member === undefined) throw new Rollback('not a member')
    if (!equal(member.idcertHash, keys.idcert.hash)) throw new Unsigned('not the own keys')
    const { role } = member
    const about = { vaultId, role, members: state.parts.roster.size }
    if (admission === undefined) {
      // one's own answer to a link, of which this keyring did not hear any more
      if (!grants.hasJoined(keys.userId)) throw new Rollback('never added')
      const known = keeper.keyring.vaultKeys(vaultId)
      this.#looked.set(vaultId, { history, granter: null, keys: new Map(known), email: '' })
      const profile = await profileOf(listed, history, known)
      return {
        ...about,
        ...profile,
        timeMs: history.head.timeMs,
        email: '',
        said: false,
        words: null
      }
    }
    const opened = await this.#openShare(history, admission)
    const { granter, timeMs } = admission
    const { sure, ...called } = await this.#call(history, granter)
    this.#looked.set(vaultId, { history, granter, keys: opened, email: called.email })
    const words = sure ? null : await wordsOf(granter)
    return { ...about, ...(await profileOf(listed, history, opened)), timeMs, ...called, words }
  }

  async #openShare(history: History, admission: Grant): Promise<Map<bigint, Bytes>> {
    const { context } = this.#holder
    const newest = history.grants.rotation(history.state.epoch)
    // who came before the last change of key has a share from whoever changed it
    const grant = newest !== undefined && newest.epoch > admission.epoch ? newest : admission
    const opened = await openGranted(context, history, grant, await fetchShares(context))
    if (opened === null) throw new KeyMissing('no share')
    return opened
  }

  /** What whoever added the reader is called, and whether the reader has made sure of them. */
  async #call(
    { vaultId, grants }: History,
    granter: IdCert
  ): Promise<{ email: string; said: boolean; sure: boolean }> {
    const { http, keeper } = this.#holder.context
    const person = keeper.keyring.people.find(granter.userId)
    // anybody can make keys in a known name: only a line of signatures tells that they are theirs
    const sure = person !== undefined && grants.areOne(granter, person.idcert)
    if (sure && person.email !== '') {
      return { email: person.email, said: false, sure }
    }
    const said = readMembers(await http.get(`/api/account/vaults/${vaultId}/members`))
    const email = said.find(({ userId }) => userId === granter.userId)?.email ?? ''
    return { email, said: true, sure }
  }

  /** Takes a vault in, after a yes; `seen` are the words that were compared, if that was needed. */
  async accept(vaultId: string, seen: string[] | null): Promise<void> {
    const { keeper } = this.#holder.context
    const { history, granter, keys, email } = this.#lookedAt(vaultId)
    const { keyring } = keeper
    if (granter !== null && seen !== null) {
      if ((await wordsOf(granter)).join() !== seen.join()) throw new CoreError('stale', 'others')
      keyring.people.meet(granter, email)
    } else if (granter !== null && !(await this.#call(history, granter)).sure) {
      throw new CoreError('refused', 'nobody has made sure of them')
    }
    for (const [epoch, key] of keys) keyring.addVaultKey(vaultId, epoch, key)
    keyring.raisePin(vaultId, makePin(history.state))
    keyring.setLeft(vaultId, false)
    this.#forget(vaultId)
    await keeper.save()
  }

  /** Says no: the reader signs that they are out of the vault, whether it opens or not. */
  async refuse(vaultId: string): Promise<void> {
    const { http, keys } = this.#holder.context
    const history = this.#followed.get(vaultId)
    if (history === undefined) throw new CoreError('refused', 'not looked at')
    const listing = readListing(await http.get(`/api/keys/vaults/${vaultId}/secrets?since=0`))
    await history.follow(listing.head)
    await history.state.load(await entriesOf(listing.secrets))
    const op = { op: 'remove', userId: keys.userId } as const
    const { commit } = await signNext(keys, history.state, [op])
    await http.post(`/api/account/vaults/${vaultId}/commits`, {
      commit: b64(commit.raw),
      signature: b64(commit.signature),
      profile: null,
      shares: [],
      invitations: []
    })
    this.#forget(vaultId)
  }

  async #listed(vaultId: string): Promise<ListedVault> {
    const listed = readVaults(await this.#holder.context.http.get('/api/account/vaults'))
    const vault = listed.find((one) => one.vaultId === vaultId)
    if (vault === undefined) throw new CoreError('refused', 'nobody waits')
    return vault
  }

  #lookedAt(vaultId: string): Looked {
    const looked = this.#looked.get(vaultId)
    if (looked === undefined) throw new CoreError('refused', 'not looked at')
    return looked
  }

  #forget(vaultId: string): void {
    this.#looked.delete(vaultId)
    this.#followed.delete(vaultId)
    this.#holder.vaults.forget(vaultId)
  }
}

async function profileOf(
  { profile }: ListedVault,
  { vaultId, state }: History,
  keys: ReadonlyMap<bigint, Bytes>
): Promise<{ name: string; description: string; icon: string }> {
  const { epoch, seq, blob } = profile
  const named = state.parts.profile
  const same = named?.epoch === epoch && named.seq === seq
  if (!same || !equal(await sha256(blob), named.blobHash)) throw new Altered('another profile')
  const box = new VaultBox(vaultId, keys)
  const { name, description, icon } = readProfile(await box.openProfile(epoch, seq, blob))
  return { name, description, icon }
}

function wordsOf({ userId, edPk, xPk, keyEpoch }: IdCert): Promise<string[]> {
  return words(userId, edPk, xPk, keyEpoch)
}
