/** The machine tokens of the account. */
import type { Core } from '../core/index.ts'
import type { Proof } from './proof.svelte.ts'

/** A machine token as the settings list it. */
export type Machine = Awaited<ReturnType<Core['machines']['list']>>[number]

/** What can be said of a machine token. */
export type Standing = 'works' | 'expired' | 'revoked'

/** The list of machine tokens, and the two things that can be done. */
export class Machines {
  readonly #core: Core
  readonly #proof: Proof
  items = $state.raw<Machine[] | null>(null)

  constructor(core: Core, proof: Proof) {
    this.#core = core
    this.#proof = proof
  }

  async load(): Promise<void> {
    this.items = await this.#core.machines.list()
  }

  /** The token, which is shown this once; null without a proof. */
  async create(name: string, vaultIds: string[], days: number | null): Promise<string | null> {
    if (!(await this.#proof.given('make a machine token'))) return null
    const expiresAt = days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString()
    const token = await this.#core.machines.create({ name, vaultIds, expiresAt })
    await this.load()
    return token
  }

  /** Takes no proof: it has to be quick. Resolves to the vaults that still name the machine. */
  async revoke(id: string): Promise<string[]> {
    const left = await this.#core.machines.revoke(id)
    await this.load()
    return left
  }

  clear(): void {
    this.items = null
  }
}

/** Whether a token still opens anything. */
export function standingOf({ revokedAt, expired }: Machine): Standing {
  if (revokedAt !== null) return 'revoked'
  return expired ? 'expired' : 'works'
}
