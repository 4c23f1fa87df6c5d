/** What can be done from anywhere, by name. */
import { at, DUE, settings } from './places.ts'
import type { App } from './state/app.ts'
import type { IconName } from './ui/icons.ts'

/** Something to go to or to do. */
export type Entry = { id: string; icon: IconName; text: string; about: string; run: () => void }

type Show = (what: 'vault' | 'kit') => void

/** The things to do, in the order in which they are offered. */
export function deeds({ appearance, router, secrets, session, vaults }: App, show: Show): Entry[] {
  const entry = (icon: IconName, text: string, run: () => void, about = ''): Entry => {
    return { id: text, icon, text, about, run }
  }
  const here = secrets.vaultId
  const add = entry('plus', 'Add secret', () => {
    router.go(at(here, 'new'))
  })
  const ofVault = [
    ...(vaults.find(here)?.role === 'viewer' ? [] : [add]),
    entry('sync', 'Look for changes', () => void secrets.refresh()),
    entry('people', 'Members of this vault', () => {
      router.go(at(here, 'members'))
    }),
    entry('history', 'Log of this vault', () => {
      router.go(at(here, 'log'))
    }),
    entry('trash', 'Trash of this vault', () => {
      router.go(at(here, 'trash'))
    })
  ]
  const themes = [
    entry('sun', 'Light theme', () => {
      appearance.choose('light')
    }),
    entry('moon', 'Dark theme', () => {
      appearance.choose('dark')
    }),
    entry('system', 'Theme of the system', () => {
      appearance.choose('system')
    })
  ]
  const lock = (): void => {
    session.lock()
  }
  return [
    ...(here === '' ? [] : ofVault),
    entry('box', 'New vault', () => {
      show('vault')
    }),
    entry('clock', 'What is due', () => {
      router.go(DUE)
    }),
    entry('lock', 'Lock', lock, 'Ctrl L'),
    entry('settings', 'Settings', () => {
      router.go(settings())
    }),
    entry('print', 'Emergency Kit', () => {
      show('kit')
    }),
    ...themes
  ]
}
