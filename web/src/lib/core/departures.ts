/** The ends of a membership that are one's own will: leaving a vault, or ending it. */
import { isLost } from './changes.ts'
import type { Holder } from './holder.ts'
import type { Proven } from './proofs.ts'
import { RosterWriter } from './roster-writer.ts'

/** What takes a vault out of this account. */
export class Departures {
  readonly #holder: Holder
  readonly #proven: Proven

  constructor(holder: Holder, proven: Proven) {
    this.#holder = holder
    this.#proven = proven
  }

  /** Leaves a vault: what was read stays known, so those who keep it may change its key. */
  async leave(vaultId: string): Promise<void> {
    const { context, vaults } = this.#holder
    const ops = [{ op: 'remove', userId: context.keys.userId } as const]
    await vaults.write(vaultId, async ({ contents }) => {
      await new RosterWriter(context, contents).commit(() => ({ ops }))
      context.keeper.keyring.setLeft(vaultId, true)
    })
    vaults.forget(vaultId)
  }

  /** Deletes a vault for good, for a fresh proof; nobody else may be in it. */
  async end(vaultId: string): Promise<void> {
    const { context, vaults } = this.#holder
    const { keeper, http } = context
    this.#proven.take()
    await vaults.work(vaultId, async () => {
      // no other device finds a signed removal: it has to know before
      keeper.keyring.setLeft(vaultId, true)
      await keeper.save()
      try {
        await http.delete(`/api/account/vaults/${vaultId}`)
      } catch (ex) {
        if (isLost(ex)) throw ex
        keeper.keyring.setLeft(vaultId, false)
        await keeper.save()
        throw ex
      }
    })
    vaults.forget(vaultId)
  }
}
