/** Gives life to the login form, which stands in the page before any code arrives. */
import { clock, countDown } from './countdown.ts'
import { CoreError } from './core/errors.ts'
import { explain } from './explain.ts'
import { hasPasskeys } from './webauthn.ts'

/** What the form asks for. */
export type Credentials = { email: string; password: string; accountKey: string }

const EMPTY: Record<keyof Credentials, string> = {
  email: 'Type the e-mail of your account.',
  password: 'Type your password.',
  accountKey: 'Type the account key from your Emergency Kit.'
}

const UNREADABLE = 'There is no code to be read in this picture. Take it straight and close.'

/** Submits by `logIn`, or has a passkey log in; `warm` is called at the first focus. */
export function adoptLogInForm(
  form: HTMLFormElement,
  logIn: (credentials: Credentials) => Promise<void>,
  byPasskey: () => Promise<void>,
  warm: () => void
): void {
  const submit = find<HTMLButtonElement>(form, '[type=submit]')
  const notice = find(form, '.notice')
  form.addEventListener('focusin', warm, { once: true })
  revealer(form)
  scanner(form)
  passkey(form, notice, byPasskey)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    notice.hidden = true
    if (submit.ariaBusy === 'true' || !complete(form)) return
    busy(submit, true)
    logIn(read(form))
      .then(() => {
        form.reset()
      })
      .catch((error: unknown) => {
        show(form, notice, error)
      })
      .finally(() => {
        busy(submit, false)
      })
  })
}

/** What stands in the form, for the screen that takes its place; the form forgets it. */
export function takeTyped(form: HTMLFormElement): Credentials {
  const typed = read(form)
  form.reset()
  return typed
}

function passkey(form: HTMLFormElement, notice: HTMLElement, enter: () => Promise<void>): void {
  const button = find<HTMLButtonElement>(form, '#log-in-passkey')
  button.hidden = !hasPasskeys()
  button.addEventListener('click', () => {
    notice.hidden = true
    enter().catch((error: unknown) => {
      show(form, notice, error)
    })
  })
}

/** Puts what was brought from elsewhere into the form. */
export function fillIn(form: HTMLFormElement, known: Partial<Credentials>): void {
  const names = Object.keys(EMPTY) as (keyof Credentials)[]
  for (const name of names) input(form, name).value = known[name] ?? input(form, name).value
}

/** The account key from a picture of the kit; a phone takes the picture itself. */
function scanner(form: HTMLFormElement): void {
  const picture = find<HTMLInputElement>(form, '[type=file]')
  picture.addEventListener('change', () => {
    const file = picture.files?.[0]
    if (file === undefined) return
    picture.value = ''
    import('./scan.ts')
      .then(({ scan }) => scan(file))
      .catch(() => null)
      .then((accountKey) => {
        say(form, 'accountKey', accountKey === null ? UNREADABLE : '')
        if (accountKey !== null) fillIn(form, { accountKey })
      })
      .catch(() => undefined)
  })
}

function find<E extends HTMLElement = HTMLElement>(form: HTMLFormElement, selector: string): E {
  const found = form.querySelector<E>(selector)
  if (found === null) throw new Error(`the form has no ${selector}`)
  return found
}

function input(form: HTMLFormElement, name: keyof Credentials): HTMLInputElement {
  return find(form, `[name=${name}]`)
}

function read(form: HTMLFormElement): Credentials {
  return {
    email: input(form, 'email').value.trim(),
    password: input(form, 'password').value,
    accountKey: input(form, 'accountKey').value
  }
}

function complete(form: HTMLFormElement): boolean {
  const names = Object.keys(EMPTY) as (keyof Credentials)[]
  for (const name of names) say(form, name, '')
  const empty = names.filter((name) => input(form, name).value.trim() === '')
  for (const name of empty) say(form, name, EMPTY[name])
  if (empty[0] !== undefined) input(form, empty[0]).focus()
  return empty.length === 0
}

function say(form: HTMLFormElement, name: keyof Credentials, text: string): void {
  const field = input(form, name)
  const error = find(form, `#${field.id}-error`)
  error.textContent = text
  error.hidden = text === ''
  field.ariaInvalid = text === '' ? null : 'true'
  const hints = [text === '' ? '' : error.id, form.querySelector(`#${field.id}-hint`)?.id ?? '']
  field.setAttribute('aria-describedby', hints.join(' ').trim())
}

function show(form: HTMLFormElement, notice: HTMLElement, error: unknown): void {
  const { title, text, until } = explain(
    error,
    'You are not logged in',
    'What you typed is still here.'
  )
  const field = error instanceof CoreError ? error.field : undefined
  if (field === 'email' || field === 'password' || field === 'accountKey') {
    say(form, field, explain(error, title).text)
    input(form, field).focus()
    return
  }
  const strong = document.createElement('strong')
  strong.textContent = title
  notice.replaceChildren(strong, text)
  notice.hidden = false
  if (until !== undefined) wait(form, notice, until)
}

/** Shows the pause that the server wants, and then submits what was typed. */
function wait(form: HTMLFormElement, notice: HTMLElement, until: number): void {
  const count = document.createElement('span')
  notice.append(' ', count)
  const stop = countDown(
    until,
    (seconds) => (count.textContent = `It goes on by itself in ${clock(seconds)}.`),
    () => {
      if (count.isConnected && !notice.hidden) form.requestSubmit()
    }
  )
  form.addEventListener('submit', stop, { once: true })
}

function busy(button: HTMLButtonElement, on: boolean): void {
  button.ariaBusy = on ? 'true' : null
  button.textContent = on ? 'Logging in…' : 'Log in'
}

function revealer(form: HTMLFormElement): void {
  const button = find<HTMLButtonElement>(form, '.input-row button')
  button.addEventListener('click', () => {
    const password = input(form, 'password')
    const shown = password.type === 'text'
    password.type = shown ? 'password' : 'text'
    button.textContent = shown ? 'Show' : 'Hide'
  })
}
