/** Everything that a screen may ask for, made once. */
import { createContext } from 'svelte'
import type { Core } from '../core/index.ts'
import type { Credentials } from '../log-in-form.ts'
import { Router } from '../router.svelte.ts'
import { Account } from './account.svelte.ts'
import { Arrivals } from './arrivals.svelte.ts'
import { Appearance } from './appearance.svelte.ts'
import { Clipboard } from './clipboard.svelte.ts'
import { Factors } from './factors.svelte.ts'
import { IdleLock } from './idle.svelte.ts'
import { Machines } from './machines.svelte.ts'
import { Proof } from './proof.svelte.ts'
import { Secrets } from './secrets.svelte.ts'
import { Session } from './session.svelte.ts'
import { Toasts } from './toasts.svelte.ts'
import { lostAccess, Vaults } from './vaults.svelte.ts'

const UNTOLD = {
  title: 'The reminder is not set yet',
  text: 'The change was kept, but the server was not told the day. Open “What is due”: that tells it again.'
}

/** The state of the page, one object for each noun. */
export type App = ReturnType<typeof makeApp>

/** Ties the nouns to a core; `typed` and `fillIn` are the login form of the page. */
export function makeApp(
  core: Core,
  typed: () => Credentials,
  fillIn: (known: Partial<Credentials>) => void
) {
  const appearance = new Appearance()
  const router = new Router()
  const clipboard = new Clipboard()
  const idle = new IdleLock()
  const toasts = new Toasts()
  const secrets = new Secrets(
    core,
    (id, role) => {
      vaults.giveRole(id, role)
    },
    () => void vaults.load(),
    () => {
      toasts.fail(UNTOLD)
    }
  )
  const vaults = new Vaults(core, (lost) => {
    toasts.fail(lostAccess(lost))
  })
  const arrivals = new Arrivals(core, vaults)
  const session = new Session(core, () => {
    account.clear()
    arrivals.clear()
    factors.clear()
    router.hold = null
    clipboard.forgetName()
    machines.clear()
    secrets.clear()
    toasts.clear()
    vaults.clear()
  })
  const proof = new Proof(core)
  const account = new Account(core, proof, session)
  const factors = new Factors(core, proof)
  const machines = new Machines(core, proof)
  // what these do changes nothing that a screen shows: they are the core's own
  const { approvalRequest, approvals, departures, leavers, links, log, members } = core
  const { oneTimeLinks, recovery, reminders, server, sessions, versions } = core
  const own = {
    ...{ approvalRequest, approvals, departures, leavers, links, log, members },
    ...{ oneTimeLinks, recovery, reminders, server, sessions, versions }
  }
  idle.watch((minutes) => {
    session.lock(`Locked after ${minutes} idle minutes.`)
  })
  return {
    account,
    appearance,
    arrivals,
    router,
    clipboard,
    factors,
    idle,
    machines,
    proof,
    secrets,
    session,
    toasts,
    typed,
    vaults,
    fillIn,
    ...own
  }
}

/** The state, for the components under the one that set it. */
export const [getApp, setApp] = createContext<App>()
