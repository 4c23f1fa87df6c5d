/** Fresh proofs: before what cannot be undone its owner proves once more who they are. */
import type { Core } from '../core/index.ts'

/** One question at a time; each proof is good for one deed. */
export class Proof {
  readonly #core: Core
  /** What it is asked for, or null while nothing is. */
  deed = $state.raw<string | null>(null)
  #answer: (given: boolean) => void = () => undefined

  constructor(core: Core) {
    this.#core = core
  }

  /** Asks for a proof; false when it was not given. */
  given(deed: string): Promise<boolean> {
    this.#end(false)
    this.deed = deed
    return new Promise((resolve) => (this.#answer = resolve))
  }

  /** Proves the password; resolves to what is needed besides, where there is a second factor. */
  async prove(a: { password: string; accountKey?: string }): ReturnType<Core['proofs']['prove']> {
    const needed = await this.#core.proofs.prove(a)
    if (needed === null) this.#end(true)
    return needed
  }

  async proveCode(code: string): Promise<void> {
    await this.#core.proofs.proveCode(code)
    this.#end(true)
  }

  async provePasskey(credential: object): Promise<void> {
    await this.#core.proofs.provePasskey(credential)
    this.#end(true)
  }

  /** The question is closed without an answer. */
  refuse(): void {
    this.#end(false)
  }

  #end(given: boolean): void {
    this.deed = null
    this.#answer(given)
    this.#answer = () => undefined
  }
}
