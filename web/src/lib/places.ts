/** The addresses of the page, made and read in one place. */

/** Where in the vaults a reader is. */
export type Place = { vault: string; secret: string; doing: 'list' | 'new' | 'view' | 'edit' }

/** Reads an address; what it does not know is the list of no vault. */
export function place(path: string): Place {
  const [, root, vault = '', secret = '', verb] = path.split('/')
  if (root !== 'vaults' || vault === '') return { vault: '', secret: '', doing: 'list' }
  if (secret === '') return { vault, secret, doing: 'list' }
  if (secret === 'new') return { vault, secret: '', doing: 'new' }
  return { vault, secret, doing: verb === 'edit' ? 'edit' : 'view' }
}

/** Which section of the settings an address names: empty for their list, null for elsewhere. */
export function settingsPath(path: string): string | null {
  const [, root, section = ''] = path.split('/')
  return root === 'settings' ? section : null
}

/** The address of the settings, or of a section of them. */
export function settings(section = ''): string {
  return section === '' ? '/settings' : `/settings/${section}`
}

/** The address of a vault, or of a secret in it. */
export function at(vault: string, ...rest: string[]): string {
  return ['/vaults', vault, ...rest].join('/')
}
