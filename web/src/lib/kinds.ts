/** The kinds of secret, as they are shown. */
import type { Kind } from './core/index.ts'
import type { IconName } from './ui/icons.ts'

/** Each kind with its name, its picture and the name of its first field. */
export const KINDS: Record<Kind, { label: string; icon: IconName; field: string }> = {
  api_key: { label: 'API key', icon: 'key', field: 'key' },
  certificate: { label: 'Certificate', icon: 'certificate', field: 'certificate' },
  password: { label: 'Password', icon: 'password', field: 'password' },
  note: { label: 'Note', icon: 'note', field: 'note' },
  other: { label: 'Other', icon: 'box', field: 'value' }
}

/** How a kind is shown; one that a newer client invented is shown as other. */
export function shownKind(kind: string): (typeof KINDS)[Kind] {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind as Kind] : KINDS.other
}

/** Pictures that a vault can have. */
export const VAULT_ICONS = [
  'box',
  'code',
  'cloud',
  'globe',
  'people',
  'rocket',
  'home',
  'key'
] as const

/** The picture of a vault; what came from elsewhere and is not known is a box. */
export function vaultIcon(icon: string): IconName {
  return VAULT_ICONS.find((known) => known === icon) ?? 'box'
}
