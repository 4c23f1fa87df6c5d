/** The first code that runs: it is small, and fetches the rest when somebody needs it. */
import './styles/index.css'
import { warm } from './lib/api/warm.ts'
import { takeLinkSecret } from './lib/link-secret.ts'
import { adoptLogInForm } from './lib/log-in-form.ts'
import { showTheme, storedTheme } from './lib/theme.ts'
import type { App } from './lib/state/app.ts'

takeLinkSecret()
addEventListener('hashchange', takeLinkSecret)
warm()
showTheme(storedTheme())

let app: Promise<App> | undefined
function start(): Promise<App> {
  app ??= Promise.all([import('./start.svelte.ts'), laterStyles()]).then(([m]) => m.start())
  app.catch(() => (app = undefined))
  return app
}

/** Fetches the styles of the rest, which the page names with their hash and does not fetch. */
function laterStyles(): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>('link[rel=stylesheet][disabled]')
  if (link === null) return Promise.resolve()
  return new Promise((resolve, reject) => {
    link.onload = () => {
      resolve()
    }
    link.onerror = () => {
      link.disabled = true
      reject(new Error('the styles did not load'))
    }
    link.disabled = false
  })
}

const logIn = document.querySelector<HTMLElement>('#log-in')
const form = document.querySelector<HTMLFormElement>('#log-in-form')
if (form !== null) {
  form.addEventListener('focusin', warm)
  form.addEventListener('input', warm)
  adoptLogInForm(
    form,
    async (credentials) => (await start()).session.logIn(credentials),
    async () => (await start()).session.logInByPasskey(),
    () => {
      start().catch(() => undefined)
    }
  )
}

/** A browser that has stored something may know an account, and then asks for less. */
async function storedSomething(): Promise<boolean> {
  const databases = await indexedDB.databases()
  return databases.length > 0
}

if (location.pathname !== '/' || (await storedSomething())) {
  if (logIn !== null) logIn.hidden = true
  start().catch(() => {
    // without the rest, the form at least says what is wrong when it is used
    if (logIn !== null) logIn.hidden = false
  })
}
