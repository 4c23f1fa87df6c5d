/** Vaults that come by other people's doing: by a link that was opened, or by being added. */
import type { Core } from '../core/index.ts'
import { forgetLinkSecret, linkSecret } from '../link-secret.ts'
import type { Vaults } from './vaults.svelte.ts'

/** What a link leads to, and what somebody else added the reader to. */
export type Offer = Awaited<ReturnType<Core['joining']['look']>>
export type WaitingVault = Awaited<ReturnType<Core['waiting']['look']>>

/** Nothing of these is opened without a yes. */
export class Arrivals {
  readonly #core: Core
  readonly #vaults: Vaults
  /** The secret of a link that waits for its answer; it outlives a log-in, and no reload. */
  link = $state(linkSecret('/join'))
  /** The vault that waits and is being looked at; empty while none is. */
  shown = $state('')

  constructor(core: Core, vaults: Vaults) {
    this.#core = core
    this.#vaults = vaults
    // a link that is opened where the page is open already
    addEventListener('hashchange', () => (this.link = linkSecret('/join')))
  }

  /** What the link leads to. */
  look(): Promise<Offer> {
    return this.#core.joining.look(this.link)
  }

  /** Joins by the link; resolves to the vault. */
  async join(): Promise<string> {
    const { link } = this
    const vaultId = await this.#core.joining.accept(link)
    if (this.link === link) this.put()
    await this.#vaults.load()
    return vaultId
  }

  /** Puts the link away. */
  put(): void {
    forgetLinkSecret('/join')
    this.link = ''
  }

  /** Looks at none of the waiting vaults any more: whoever unlocks next may be somebody else. */
  clear(): void {
    this.shown = ''
  }

  /** Verifies a vault that waits. */
  lookAt(vaultId: string): Promise<WaitingVault> {
    return this.#core.waiting.look(vaultId)
  }

  /** Takes it in; `words` are those that were compared, where that was needed. */
  async accept(vaultId: string, words: string[] | null): Promise<void> {
    await this.#core.waiting.accept(vaultId, words)
    await this.#vaults.load()
  }

  async refuse(vaultId: string): Promise<void> {
    await this.#core.waiting.refuse(vaultId)
    await this.#vaults.load()
  }
}
