/** Starts the app: checks the workers, makes the state, and shows the screens. */
import { mount } from 'svelte'
import { startCore } from './lib/core/index.ts'
import { type Credentials, fillIn, takeTyped } from './lib/log-in-form.ts'
import { makeApp, type App } from './lib/state/app.ts'
import { checkWorkers } from './workers.ts'
import Screens from './routes/Screens.svelte'
import { FRONT } from './routes/front.ts'
import Front from './routes/Front.svelte'

function part(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

/** Mounts the app; the login form of the page stays until something else is to be seen. */
export async function start(): Promise<App> {
  await checkWorkers()
  const logIn = part('log-in')
  const form = part('log-in-form') as HTMLFormElement
  const typed = (): Credentials => takeTyped(form)
  const app = makeApp(startCore(), typed, (known) => {
    fillIn(form, known)
  })
  await app.session.look()
  logIn.hidden = false
  $effect.root(() => {
    $effect(() => {
      const { needed, state } = app.session
      part('front').hidden = state === 'open'
      // taken out rather than hidden: there is one field of a name at a time
      const wanted = state === 'new' && needed === null && !(app.router.path in FRONT)
      // put back only where it is missing: moving it would take the focus from who is typing
      if (!wanted) logIn.remove()
      else if (!logIn.isConnected) part('front-screen').before(logIn)
    })
  })
  mount(Front, { target: part('front-screen'), props: { app } })
  mount(Screens, { target: part('app'), props: { app } })
  return app
}
