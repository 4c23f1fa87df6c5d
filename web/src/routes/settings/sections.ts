/** The sections of the settings, in the order in which they are listed. */
import type { Component } from 'svelte'
import type { IconName } from '../../lib/ui/icons.ts'

/** One section: its address under `/settings/`, its name, and its component. */
export type Section = {
  path: string
  title: string
  icon: IconName
  load: () => Promise<{ default: Component }>
}

export const SECTIONS: readonly Section[] = [
  { path: 'account', title: 'Account', icon: 'user', load: () => import('./Account.svelte') },
  {
    path: 'security',
    title: 'Security',
    icon: 'password',
    load: () => import('./Security.svelte')
  },
  {
    path: 'second-factor',
    title: 'Second factor',
    icon: 'lock',
    load: () => import('./SecondFactor.svelte')
  },
  { path: 'passkeys', title: 'Passkeys', icon: 'key', load: () => import('./Passkeys.svelte') },
  { path: 'sessions', title: 'Sessions', icon: 'clock', load: () => import('./Sessions.svelte') },
  { path: 'devices', title: 'Devices', icon: 'system', load: () => import('./Devices.svelte') },
  {
    path: 'machine-tokens',
    title: 'Machine tokens',
    icon: 'code',
    load: () => import('./MachineTokens.svelte')
  },
  {
    path: 'reminders',
    title: 'Reminders',
    icon: 'bell',
    load: () => import('./Reminders.svelte')
  },
  {
    path: 'one-time-links',
    title: 'One-time links',
    icon: 'link',
    load: () => import('./OneTimeLinks.svelte')
  },
  { path: 'export', title: 'Export', icon: 'download', load: () => import('./Export.svelte') },
  { path: 'leave', title: 'Leave', icon: 'leave', load: () => import('./Leave.svelte') }
]
