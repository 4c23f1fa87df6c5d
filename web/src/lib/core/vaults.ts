/** The vaults of an open account: listing, making, opening; one thing at a time in each. */
import { checkStored, type ListedVault, readKeyring } from '../api/answers.ts'
import { b64, type Bytes, equal, makeId } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { Altered, Rollback } from '../crypto/errors.ts'
import { sha256 } from '../crypto/hashes.ts'
import type { Op } from '../crypto/ops.ts'
import { makeVaultKey, vkCommit } from '../crypto/vault-keys.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import { CoreError, type CoreErrorCode } from './errors.ts'
import { isAlarm, toCoreError } from './failures.ts'
import type { History } from './history.ts'
import { type Profile, readDetails, readProfile, writeJson } from './items.ts'
import { settle } from './noticed.ts'
import { OpenVault } from './open-vault.ts'
import { followRemoval, type LostVault } from './removal.ts'
import { ListOfVaults } from './list-of-vaults.ts'
import { signNext } from './signing.ts'
import type { Details, Opened, Overview, Progress, Row, Vault, Written } from './types.ts'

type Failed = { id: string; error: CoreError }

/** A vault that is not shown, and why. */
export type Troubled = { id: string; code: CoreErrorCode; message: string }

/** Every vault whose keys are in the keyring. */
export class Vaults {
  readonly #context: Context
  readonly #open = new Map<string, OpenVault>()
  readonly #listed: ListOfVaults
  /** The ids of vaults to which somebody has added this account, and which wait for its yes. */
  waiting: ReadonlySet<string> = new Set()
  /** The vaults that this account was taken out of, until somebody is told. */
  readonly lost: LostVault[] = []

  constructor(context: Context) {
    this.#context = context
    this.#listed = new ListOfVaults(context.http)
  }

  /** The list, where every vault of the account is in it and verifies. */
  async list(): Promise<Vault[]> {
    const { vaults, failed } = await this.#survey()
    for (const { error } of failed) throw error
    return vaults
  }

  /** The list as far as it verifies: a vault that does not keeps none of the others away. */
  async look(): Promise<{ vaults: Vault[]; troubled: Troubled[] }> {
    const { vaults, failed } = await this.#survey()
    const troubled = failed.map(({ id, error: { code, message } }) => ({ id, code, message }))
    return { vaults, troubled }
  }

  /**
   * Of every vault that was ever pinned and is not in the list, its members must have signed that
   * one is out.
   */
  async #survey(): Promise<{ vaults: Vault[]; failed: Failed[] }> {
    const { http, keeper } = this.#context
    const { keyring } = keeper
    const listed = await this.#listed.fetch()
    const own = (id: string): boolean => keyring.vaultKeys(id).size > 0 && !keyring.hasLeft(id)
    const known = listed.filter(({ vaultId }) => own(vaultId))
    const ids = new Set(listed.map(({ vaultId }) => vaultId))
    this.waiting = new Set([...ids].filter((id) => !own(id)))
    const missing = (): string[] =>
      keyring.vaultIds().filter((id) => keyring.pin(id) !== null && own(id) && !ids.has(id))
    // another device of the same person may have left it, or deleted it
    if (missing().length > 0) {
      await keeper.take(readKeyring(await http.get('/api/account/keyring')))
    }
    const gone = missing()
    const outcomes = await Promise.all([
      ...gone.map((id) => this.#try(id, () => this.#lose(id))),
      ...known.map((vault) => this.#try(vault.vaultId, (opened) => this.#describe(opened, vault)))
    ])
    return {
      vaults: outcomes.filter((one) => one !== null && 'head' in one),
      failed: outcomes.filter((one) => one !== null && 'error' in one)
    }
  }

  /** What becomes of one vault, where it concerns no other one. */
  async #try<T>(id: string, work: (opened: OpenVault) => Promise<T>): Promise<T | Failed> {
    const opened = this.#get(id)
    try {
      return await opened.take(() => work(opened))
    } catch (ex) {
      const error = toCoreError(ex)
      if (!isAlarm(error) && error.code !== 'key-missing') throw error
      return { id, error }
    }
  }

  /** Makes a vault: its key is in the saved keyring before anything else is sent. */
  async create(profile: Profile): Promise<Vault> {
    const { http, keeper } = this.#context
    const vaultId = makeId()
    const vaultKey = makeVaultKey()
    keeper.keyring.addVaultKey(vaultId, 1n, vaultKey)
    await keeper.save()
    const opened = this.#get(vaultId)
    return opened.take(async () => {
      const { history, box } = opened.contents
      opened.contents.profile = writeJson(profile)
      const blob = await box.sealProfile(1n, 1n, opened.contents.profile)
      const commit = await this.#genesis(history, await vkCommit(vaultKey, vaultId, 1n), blob)
      const body = {
        vault_id: vaultId,
        commit: b64(commit.raw),
        signature: b64(commit.signature),
        profile: b64(blob)
      }
      const answer = await http.post('/api/account/vaults', body)
      checkStored(answer, 1n, b64(commit.hash), 'vault_id')
      await history.take(commit)
      await opened.pin()
      return this.#vault(history, profile, 0)
    })
  }

  /** Loads, verifies and shows a vault. */
  open(vaultId: string, onRows: (rows: Row[], progress: Progress) => void): Promise<Opened> {
    return this.work(vaultId, async (opened) => {
      await opened.contents.open(onRows)
      await opened.pin()
      const { history } = opened.contents
      return { head: history.head, role: history.roleOf(this.#context.keys.userId) }
    })
  }

  details(vaultId: string, secretId: string): Promise<Details> {
    return this.work(vaultId, async ({ contents, writer }) => {
      await contents.ready()
      return readDetails(await writer.details(secretId))
    })
  }

  save(
    vaultId: string,
    secretId: string | null,
    overview: Overview,
    details: Details,
    seen?: string
  ): Promise<Written> {
    return this.write(vaultId, ({ writer }) => writer.save(secretId, overview, details, seen))
  }

  remove(vaultId: string, secretIds: string[]): Promise<void> {
    return this.write(vaultId, ({ writer }) => writer.remove(secretIds))
  }

  restore(vaultId: string, secretId: string): Promise<Written> {
    return this.write(vaultId, ({ writer }) => writer.restore(secretId))
  }

  /** Works on every vault of the account at once: in none of them anything happens meanwhile. */
  async together<T>(work: (all: Contents[], listed: Vault[]) => Promise<T>): Promise<T> {
    const listed = await this.list()
    const opened = listed.map(({ id }) => this.#get(id))
    const all = opened.map(({ contents }) => contents)
    return opened.reduceRight(
      (inner, vault) => () => vault.take(inner),
      () => work(all, listed)
    )()
  }

  /** Does something to one vault, in its turn. */
  async work<T>(vaultId: string, work: (opened: OpenVault) => Promise<T>): Promise<T> {
    this.#listed.check()
    if (!this.#open.has(vaultId)) await this.look()
    const opened = this.#open.get(vaultId)
    if (opened === undefined) throw new CoreError('refused', 'no such vault')
    return opened.take(() => work(opened))
  }

  /** Does something to one vault that moves its history on. */
  write<T>(vaultId: string, work: (opened: OpenVault) => Promise<T>): Promise<T> {
    return this.work(vaultId, async (opened) => {
      await opened.contents.ready()
      const result = await work(opened)
      await opened.pin()
      return result
    })
  }

  /** Drops what is in memory of a vault: it begins anew from the keyring, or not at all. */
  forget(vaultId: string): void {
    this.#open.delete(vaultId)
  }

  async #lose(vaultId: string): Promise<null> {
    const profile = this.#open.get(vaultId)?.contents.profile ?? null
    const name = profile === null ? '' : readProfile(profile).name
    const lost = await followRemoval(this.#context, vaultId, name)
    this.forget(vaultId)
    if (lost.by !== this.#context.keys.userId) this.lost.push(lost)
    await this.#context.keeper.save()
    return null
  }

  #get(vaultId: string): OpenVault {
    const opened = this.#open.get(vaultId) ?? new OpenVault(this.#context, vaultId)
    this.#open.set(vaultId, opened)
    return opened
  }

  /** The list as it is now, for one vault: what was written here may have overtaken the last. */
  async #again(vaultId: string): Promise<ListedVault> {
    const listed = await this.#listed.fetch()
    const vault = listed.find((one) => one.vaultId === vaultId)
    if (vault === undefined) throw new Rollback('a vault is missing')
    return vault
  }

  async #describe({ contents }: OpenVault, seen: ListedVault): Promise<Vault> {
    const { history, box } = contents
    const overtaken = seen.head.seq < history.state.head.seq
    const listed = overtaken ? await this.#again(seen.vaultId) : seen
    for (const idcert of listed.idcerts) await history.certificates.add(idcert)
    await contents.follow(listed.head)
    const { parts } = history.state
    await settle(this.#context, history)
    const { epoch, seq, blob } = listed.profile
    const named = parts.profile
    const same = named !== null && named.epoch === epoch && named.seq === seq
    if (!same || !equal(await sha256(blob), named.blobHash)) throw new Altered('another profile')
    contents.profile = await box.openProfile(epoch, seq, blob)
    return this.#vault(history, readProfile(contents.profile), listed.secrets)
  }

  #vault(history: History, profile: Profile, secrets: number): Vault {
    const role = history.roleOf(this.#context.keys.userId)
    const { name, description, icon } = profile
    return { id: history.vaultId, name, description, icon, role, secrets, head: history.head }
  }

  async #genesis(history: History, commitment: Bytes, profile: Bytes): Promise<Commit> {
    const { keys } = this.#context
    const ops: Op[] = [
      { op: 'genesis', idcert: keys.idcert.raw, suite: 1, vkCommit: commitment },
      { op: 'profile', epoch: 1n, blobHash: await sha256(profile) }
    ]
    return (await signNext(keys, history.state, ops)).commit
  }
}
