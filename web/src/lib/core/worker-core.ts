/** The core itself, as it runs in its worker: one object for each noun. */
import { ApprovalRequest, Approvals } from './approvals.ts'
import { Copies } from './copies.ts'
import { Departures } from './departures.ts'
import { Entrance } from './entrance.ts'
import { Factors } from './factors.ts'
import { Holder, type World } from './holder.ts'
import { Joining } from './joining.ts'
import { Leavers } from './leavers.ts'
import { Links } from './links.ts'
import { Machines } from './machines.ts'
import { Members } from './members.ts'
import { NewKeys } from './new-keys.ts'
import { OneTimeLinks } from './one-time-links.ts'
import { OwnAccount } from './own-account.ts'
import { PasskeyLogin } from './passkey-login.ts'
import { Proofs, Proven } from './proofs.ts'
import { Reminders } from './reminders.ts'
import { Recovery } from './recovery.ts'
import { Sessions } from './sessions.ts'
import { Server } from './server.ts'
import { Log } from './log.ts'
import { Waiting } from './waiting.ts'
import type { Vaults } from './vaults.ts'
import { Versions } from './versions.ts'

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
  readonly departures: Departures
  readonly factors: Factors
  readonly newKeys: NewKeys
  readonly joining: Joining
  readonly leavers: Leavers
  readonly links: Links
  readonly machines: Machines
  readonly members: Members
  readonly log: Log
  readonly oneTimeLinks: OneTimeLinks
  readonly proofs: Proofs
  readonly reminders: Reminders
  readonly sessions: Sessions
  readonly versions: Versions
  readonly waiting: Waiting

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
    this.departures = new Departures(this.#holder, proven)
    this.factors = new Factors(this.#holder)
    this.newKeys = new NewKeys(this.#holder, proven)
    this.joining = new Joining(this.#holder)
    this.leavers = new Leavers(this.#holder)
    this.links = new Links(this.#holder)
    this.machines = new Machines(this.#holder, proven)
    this.members = new Members(this.#holder)
    this.log = new Log(this.#holder)
    this.oneTimeLinks = new OneTimeLinks(this.#holder)
    this.proofs = new Proofs(this.#holder, proven)
    this.reminders = new Reminders(this.#holder)
    this.sessions = new Sessions(this.#holder)
    this.versions = new Versions(this.#holder)
    this.waiting = new Waiting(this.#holder)
  }

  get vaults(): Vaults {
    return this.#holder.vaults
  }
}
