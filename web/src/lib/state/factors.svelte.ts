/** The second factors of the account. */
import type { Core, Factors as Listed } from '../core/index.ts'
import { askPasskey, makePasskey } from '../webauthn.ts'
import type { Proof } from './proof.svelte.ts'

/** What there is, and what can be done about it; null answers mean that no proof was given. */
export class Factors {
  readonly #core: Core
  readonly #proof: Proof
  listed = $state.raw<Listed | null>(null)
  /** Backup codes that were made a moment ago: they are shown this once. */
  fresh = $state.raw<string[]>([])

  constructor(core: Core, proof: Proof) {
    this.#core = core
    this.#proof = proof
  }

  async load(): Promise<void> {
    this.listed = await this.#core.factors.list()
  }

  async beginTotp(): Promise<{ secret: string; uri: string } | null> {
    if (!(await this.#proof.given('set up an authenticator app'))) return null
    return this.#core.factors.beginTotp()
  }

  async confirmTotp(code: string): Promise<void> {
    this.fresh = await this.#core.factors.confirmTotp(code)
    await this.load()
  }

  async removeTotp(): Promise<void> {
    if (!(await this.#proof.given('remove the authenticator app'))) return
    await this.#core.factors.removeTotp()
    await this.load()
  }

  async renewBackupCodes(): Promise<void> {
    if (!(await this.#proof.given('make new backup codes'))) return
    this.fresh = await this.#core.factors.renewBackupCodes()
    await this.load()
  }

  /** Adds a passkey; false without a proof. */
  async addPasskey(name: string): Promise<boolean> {
    if (!(await this.#proof.given('add a passkey'))) return false
    const { options, challenge, prfInput } = await this.#core.factors.beginPasskey()
    const { credential, prf } = await makePasskey(options, prfInput)
    const added = await this.#core.factors.addPasskey({ challenge, name, credential, prf })
    if (added.backupCodes.length > 0) this.fresh = added.backupCodes
    await this.load()
    return true
  }

  /** Lets a passkey unlock from now on, by a touch; false where it cannot. */
  async letUnlock(id: string): Promise<boolean> {
    const { prf } = await askPasskey(await this.#core.factors.askPrf(id))
    if (prf === null) return false
    await this.#core.factors.letUnlock({ id, prf })
    await this.load()
    return true
  }

  async removePasskey(id: string): Promise<void> {
    if (!(await this.#proof.given('remove the passkey'))) return
    await this.#core.factors.removePasskey(id)
    await this.load()
  }

  clear(): void {
    this.listed = null
    this.fresh = []
  }
}
