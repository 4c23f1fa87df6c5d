/** The vaults of the account. */
import { explain, type Notice } from '../explain.ts'
import { type Core, CoreError, type Role, type Vault } from '../core/index.ts'
import { ago } from '../times.ts'
import { visible } from '../visible.ts'

/** A vault that the reader was taken out of. */
export type LostVault = Awaited<ReturnType<Core['waiting']['lost']>>[number]

type Troubled = Awaited<ReturnType<Core['vaults']['look']>>['troubled'][number]

/** A vault that is not shown, and why, in words. */
export type Trouble = { id: string; name: string; notice: Notice }

/** The list of vaults, decrypted. */
export class Vaults {
  readonly #core: Core
  items = $state.raw<Vault[]>([])
  loading = $state(false)
  loaded = $state(false)
  failure = $state.raw<Notice | null>(null)
  /** The ids of vaults that wait for a yes. */
  waiting = $state.raw<string[]>([])
  /** The vaults that did not verify, or whose key has not come. */
  troubled = $state.raw<Trouble[]>([])
  readonly #tell: (lost: LostVault) => void

  constructor(core: Core, tell: (lost: LostVault) => void) {
    this.#core = core
    this.#tell = tell
  }

  find(id: string): Vault | undefined {
    return this.items.find((vault) => vault.id === id)
  }

  /** Takes a role that was changed since the list was loaded. */
  giveRole(id: string, role: Role): void {
    if (this.find(id)?.role === role) return
    this.items = this.items.map((vault) => (vault.id === id ? { ...vault, role } : vault))
  }

  /** Why a vault is not shown. */
  trouble(id: string): Trouble | undefined {
    return this.troubled.find((one) => one.id === id)
  }

  async load(): Promise<void> {
    this.loading = true
    this.failure = null
    try {
      const { vaults, troubled } = await this.#core.vaults.look()
      this.troubled = troubled.map((one) => this.#troubleOf(one))
      this.items = sorted(vaults)
      this.loaded = true
      this.waiting = await this.#core.waiting.list()
      for (const lost of await this.#core.waiting.lost()) this.#tell(lost)
    } catch (error) {
      this.failure = explain(error, 'Your vaults did not load', 'Nothing was changed.')
    } finally {
      this.loading = false
    }
  }

  async create(name: string, description: string, icon: string): Promise<Vault> {
    const vault = await this.#core.vaults.create({ name, description, icon })
    this.items = sorted([...this.items, vault])
    return vault
  }

  #troubleOf({ id, code, message }: Troubled): Trouble {
    // what it was called is known from before, if at all
    const name = (this.find(id) ?? this.trouble(id))?.name ?? `Vault ${id.slice(0, 8)}`
    const title = 'This vault is not shown'
    return { id, name, notice: explain(new CoreError(code, message), title) }
  }

  clear(): void {
    this.items = []
    this.troubled = []
    this.waiting = []
    this.loaded = false
    this.failure = null
  }
}

/** That a vault is gone, in words. */
export function lostAccess({ name, timeMs }: LostVault): Notice {
  const vault = name === '' ? 'a vault' : `“${visible(name)}”`
  return {
    title: `You are no longer in ${vault}`,
    text: `Its members took you out ${ago(timeMs)}, and signed it. What you had read there is still known to you; tell them if you wrote anything down.`
  }
}

function sorted(vaults: Vault[]): Vault[] {
  return vaults.toSorted((a, b) => a.name.localeCompare(b.name))
}
