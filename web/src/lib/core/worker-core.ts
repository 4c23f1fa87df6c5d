/** The core itself, as it runs in its worker: one object for each noun. */
import { Entrance } from './entrance.ts'
import { Holder, type World } from './holder.ts'
import { OwnAccount } from './own-account.ts'
import type { Vaults } from './vaults.ts'

/** Every public method of every noun here may be called by the page: `core.vaults.list()`. */
export class WorkerCore {
  readonly #holder: Holder
  readonly entrance: Entrance

  constructor(world: World) {
    this.#holder = new Holder(world)
    this.entrance = new Entrance(this.#holder)
  }

  get account(): OwnAccount {
    return new OwnAccount(this.#holder)
  }

  get vaults(): Vaults {
    return this.#holder.vaults
  }
}
