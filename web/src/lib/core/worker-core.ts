/** The core itself, as it runs in its worker: one object for each noun. */
import { ApprovalRequest, Approvals } from './approvals.ts'
import { Copies } from './copies.ts'
import { Entrance } from './entrance.ts'
import { Factors } from './factors.ts'
import { Holder, type World } from './holder.ts'
import { Machines } from './machines.ts'
import { NewKeys } from './new-keys.ts'
import { OwnAccount } from './own-account.ts'
import { PasskeyLogin } from './passkey-login.ts'
import { Proofs, Proven } from './proofs.ts'
import { Recovery } from './recovery.ts'
import { Sessions } from './sessions.ts'
import { Server } from './server.ts'
import type { Vaults } from './vaults.ts'

/** Every public method of every noun here may be called by the page: `core.vaults.list()`. */
export class WorkerCore {
  readonly #holder: Holder
  readonly entrance: Entrance
  readonly passkeyLogin: PasskeyLogin
  readonly recovery: Recovery
  readonly approvalRequest: ApprovalRequest
  readonly approvals: Approvals
  readonly server: Server
  readonly account: OwnAccount
  readonly copies: Copies
  readonly factors: Factors
  readonly newKeys: NewKeys
  readonly machines: Machines
  readonly proofs: Proofs
  readonly sessions: Sessions

  constructor(world: World) {
    this.#holder = new Holder(world)
    this.entrance = new Entrance(this.#holder)
    this.passkeyLogin = new PasskeyLogin(this.#holder)
    this.recovery = new Recovery(this.#holder)
    this.approvalRequest = new ApprovalRequest(this.#holder)
    this.approvals = new Approvals(this.#holder)
    this.server = new Server(this.#holder)
    const proven = new Proven()
    this.account = new OwnAccount(this.#holder, proven)
    this.copies = new Copies(this.#holder, proven)
    this.factors = new Factors(this.#holder)
    this.newKeys = new NewKeys(this.#holder, proven)
    this.machines = new Machines(this.#holder, proven)
    this.proofs = new Proofs(this.#holder, proven)
    this.sessions = new Sessions(this.#holder)
  }

  get vaults(): Vaults {
    return this.#holder.vaults
  }
}
