/** Machines: CI jobs and servers that read some vaults by a token, which is made here. */
import { Problem } from '../api/http.ts'
import { type Machine, readMachines } from '../api/machine-tokens.ts'
import { Identity } from '../crypto/account-keys.ts'
import { b64, type Bytes } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { Altered } from '../crypto/errors.ts'
import { Keyring } from '../crypto/keyring.ts'
import {
  deriveMachineKeys,
  type MachineKeys,
  makeMachineToken,
  showMachineToken
} from '../crypto/machine-tokens.ts'
import type { Op } from '../crypto/ops.ts'
import { isLost } from './changes.ts'
import type { Contents } from './contents.ts'
import { epochsInUse } from './epochs.ts'
import { CoreError } from './errors.ts'
import type { Holder } from './holder.ts'
import { memberships } from './memberships.ts'
import type { Proven } from './proofs.ts'
import { RosterWriter } from './roster-writer.ts'
import { signNext } from './signing.ts'

const PATH = '/api/account/machine-tokens'
const TRIES = 12
const FIRST = 1n

/** What a person says of a new machine; `expiresAt` is in RFC 3339, or null for never. */
export type NewMachine = { name: string; vaultIds: string[]; expiresAt: string | null }

type Made = MachineKeys & { machineId: string; identity: Identity; idcert: Bytes }

/** The machines of an account. */
export class Machines {
  readonly #holder: Holder
  readonly #proven: Proven

  constructor(holder: Holder, proven: Proven) {
    this.#holder = holder
    this.#proven = proven
  }

  /** Every machine token there ever was. */
  async list(): Promise<Machine[]> {
    return readMachines(await this.#holder.context.http.get(PATH))
  }

  /** Makes a machine, for a fresh proof; its token is handed out this once. */
  async create(asked: NewMachine): Promise<string> {
    const name = asked.name.trim()
    if (name === '') throw new CoreError('mistyped', 'no name', { field: 'name' })
    if (asked.vaultIds.length === 0)
      throw new CoreError('mistyped', 'no vault', { field: 'vaults' })
    this.#proven.take()
    const token = makeMachineToken()
    const identity = Identity.make(token.machineId)
    const idcert = (await identity.idcert()).raw
    const keys = await deriveMachineKeys(token)
    const made = { ...keys, machineId: token.machineId, identity, idcert }
    await this.#holder.vaults.together(async (all) => {
      const vaults = all.filter(({ history }) => asked.vaultIds.includes(history.vaultId))
      if (vaults.length < asked.vaultIds.length) throw new CoreError('refused', 'no such vault')
      await this.#rebased(vaults, async () =>
        this.#send({ ...asked, name }, made, await this.#changes(vaults, made))
      )
    })
    return showMachineToken(token)
  }

  /**
   * Ends a token at once, then takes its machine out of its vaults.
   *
   * @returns the vaults that it could not be taken out of: its token opens nothing there either
   */
  async revoke(id: string): Promise<string[]> {
    const { http } = this.#holder.context
    await http.delete(`${PATH}/${id}`)
    const machine = (await this.list()).find((one) => one.id === id)
    const left: string[] = []
    await this.#holder.vaults.together(async (all) => {
      for (const vaultId of machine?.vaultIds ?? []) {
        const contents = all.find(({ history }) => history.vaultId === vaultId)
        const out = contents !== undefined && (await this.#remove(contents, id))
        if (!out) left.push(vaultId)
      }
    })
    return left
  }

  /** A commit for each vault, and the keyring that the machine begins with. */
  async #changes(vaults: Contents[], made: Made): Promise<{ commits: Commit[]; keyring: Keyring }> {
    const { keys, keeper } = this.#holder.context
    const op: Op = { op: 'add', idcert: made.idcert, role: 'viewer', how: 'machine' }
    const keyring = new Keyring()
    const commits: Commit[] = []
    for (const contents of vaults) {
      const { state, vaultId } = contents.history
      const known = keeper.keyring.vaultKeys(vaultId)
      for (const epoch of epochsInUse(contents, state.parts)) {
        const key = known.get(epoch)
        if (key !== undefined) keyring.addVaultKey(vaultId, epoch, key)
      }
      const { commit, pin } = await signNext(keys, state, [op])
      keyring.raisePin(vaultId, pin)
      commits.push(commit)
    }
    return { commits, keyring }
  }

  async #send(
    { name, expiresAt }: NewMachine,
    made: Made,
    { commits, keyring }: { commits: Commit[]; keyring: Keyring }
  ): Promise<void> {
    const { machineId, auth, userKey, identity, idcert } = made
    const body = {
      machine_id: machineId,
      name,
      auth: b64(auth),
      identity: b64(await identity.seal(userKey, FIRST)),
      idcert: b64(idcert),
      keyring: b64(await keyring.seal(userKey, machineId, FIRST)),
      expires_at: expiresAt,
      commits: commits.map((commit) => ({ vault_id: commit.vaultId, ...sent(commit) }))
    }
    try {
      await this.#holder.context.http.post(PATH, body)
    } catch (ex) {
      if (!isLost(ex)) throw ex
      // it was the answer that was lost, if the machine is there
      if (!(await this.list()).some(({ id }) => id === machineId)) throw ex
    }
  }

  /** Takes a machine out of a vault, with another key for those who stay. */
  async #remove(contents: Contents, id: string): Promise<boolean> {
    const { context } = this.#holder
    await contents.refresh()
    if (contents.history.state.member(id) === undefined) return true
    const past = memberships(await contents.archive.commits())
    // whom the server calls a machine may be a person
    const machine = past.some(({ userId, how }) => userId === id && how === 'machine')
    if (!machine) throw new Altered('a person, and no machine')
    try {
      await new RosterWriter(context, contents).commit((state) =>
        state.member(id) === undefined
          ? null
          : { ops: [{ op: 'remove', userId: id }], rotate: true }
      )
      return true
    } catch (ex) {
      if (ex instanceof Problem || ex instanceof CoreError) return false
      throw ex
    }
  }

  /** Does `work` on the vaults as they stand, again where somebody else was first; then follows. */
  async #rebased(vaults: Contents[], work: () => Promise<void>): Promise<void> {
    for (let left = TRIES; ; left--) {
      for (const contents of vaults) await contents.refresh()
      try {
        await work()
        break
      } catch (ex) {
        if (!(ex instanceof Problem && ex.slug === 'stale-head' && left > 1)) throw ex
      }
    }
    for (const contents of vaults) await contents.refresh()
  }
}

function sent(commit: Commit): { commit: string; signature: string } {
  return { commit: b64(commit.raw), signature: b64(commit.signature) }
}
