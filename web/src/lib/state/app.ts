/** Everything that a screen may ask for, made once. */
import { createContext } from 'svelte'
import type { Core } from '../core/index.ts'
import type { Credentials } from '../log-in-form.ts'
import { Router } from '../router.svelte.ts'
import { Appearance } from './appearance.svelte.ts'
import { Clipboard } from './clipboard.svelte.ts'
import { IdleLock } from './idle.svelte.ts'
import { Secrets } from './secrets.svelte.ts'
import { Session } from './session.svelte.ts'
import { Toasts } from './toasts.svelte.ts'
import { Vaults } from './vaults.svelte.ts'

/** The state of the page, one object for each noun. */
export type App = ReturnType<typeof makeApp>

/** Ties the nouns to a core; `typed` is what stands in the login form of the page. */
export function makeApp(core: Core, typed: () => Credentials) {
  const appearance = new Appearance()
  const router = new Router()
  const clipboard = new Clipboard()
  const idle = new IdleLock()
  const secrets = new Secrets(core)
  const toasts = new Toasts()
  const vaults = new Vaults(core)
  const session = new Session(core, () => {
    router.hold = null
    clipboard.forgetName()
    secrets.clear()
    toasts.clear()
    vaults.clear()
  })
  idle.watch((minutes) => {
    session.lock(`Locked after ${minutes} idle minutes.`)
  })
  return { appearance, router, clipboard, idle, secrets, session, toasts, typed, vaults }
}

/** The state, for the components under the one that set it. */
export const [getApp, setApp] = createContext<App>()
