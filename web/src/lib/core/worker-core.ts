/** The core itself, as it runs in its worker: one object for each noun. */
import { ApprovalRequest, Approvals } from './approvals.ts'
import { Entrance } from './entrance.ts'
import { Holder, type World } from './holder.ts'
import { OwnAccount } from './own-account.ts'
import { Recovery } from './recovery.ts'
import type { Vaults } from './vaults.ts'

/** Every public method of every noun here may be called by the page: `core.vaults.list()`. */
export class WorkerCore {
  readonly #holder: Holder
  readonly entrance: Entrance
  readonly recovery: Recovery
  readonly approvalRequest: ApprovalRequest
  readonly approvals: Approvals

  constructor(world: World) {
    this.#holder = new Holder(world)
    this.entrance = new Entrance(this.#holder)
    this.recovery = new Recovery(this.#holder)
    this.approvalRequest = new ApprovalRequest(this.#holder)
    this.approvals = new Approvals(this.#holder)
  }

  get account(): OwnAccount {
    return new OwnAccount(this.#holder)
  }

  get vaults(): Vaults {
    return this.#holder.vaults
  }
}
