/** The first code that runs: it is small, and fetches the rest when somebody needs it. */
import './styles/index.css'
import { adoptLogInForm } from './lib/log-in-form.ts'
import { showTheme, storedTheme } from './lib/theme.ts'
import type { App } from './lib/state/app.ts'

showTheme(storedTheme())

let app: Promise<App> | undefined
const start = (): Promise<App> => (app ??= import('./start.svelte.ts').then((m) => m.start()))

const form = document.querySelector<HTMLFormElement>('#log-in-form')
if (form !== null) {
  adoptLogInForm(
    form,
    async (credentials) => (await start()).session.logIn(credentials),
    () => void start()
  )
}

/** A browser that has stored something may know an account, and then asks for less. */
async function storedSomething(): Promise<boolean> {
  const databases = await indexedDB.databases()
  return databases.length > 0
}

if (location.pathname !== '/' || (await storedSomething())) void start()
