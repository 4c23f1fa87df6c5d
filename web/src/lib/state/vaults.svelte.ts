/** The vaults of the account. */
import { explain, type Notice } from '../explain.ts'
import type { Core, Vault } from '../core/index.ts'

/** The list of vaults, decrypted. */
export class Vaults {
  readonly #core: Core
  items = $state.raw<Vault[]>([])
  loading = $state(false)
  loaded = $state(false)
  failure = $state.raw<Notice | null>(null)

  constructor(core: Core) {
    this.#core = core
  }

  find(id: string): Vault | undefined {
    return this.items.find((vault) => vault.id === id)
  }

  async load(): Promise<void> {
    this.loading = true
    this.failure = null
    try {
      this.items = sorted(await this.#core.vaults.list())
      this.loaded = true
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

  clear(): void {
    this.items = []
    this.loaded = false
    this.failure = null
  }
}

function sorted(vaults: Vault[]): Vault[] {
  return vaults.toSorted((a, b) => a.name.localeCompare(b.name))
}
