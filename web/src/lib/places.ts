/** The addresses of the page, made and read in one place. */

/** Where in the vaults a reader is; `then` is a vault as it stood after the change `seq`. */
export type Place = {
  vault: string
  secret: string
  doing: 'list' | 'new' | 'view' | 'edit' | 'history' | 'log' | 'members' | 'then' | 'trash'
  seq: string
}

/** Reads an address; what it does not know is the list of no vault. */
export function place(path: string): Place {
  const [, root, vault = '', secret = '', verb = ''] = path.split('/')
  const nowhere = { vault, secret: '', seq: '' }
  if (root !== 'vaults' || vault === '') return { ...nowhere, vault: '', doing: 'list' }
  if (secret === '') return { ...nowhere, doing: 'list' }
  if (secret === 'members' || secret === 'new' || secret === 'trash') {
    return { ...nowhere, doing: secret }
  }
  if (secret === 'log') {
    return /^[1-9][0-9]{0,18}$/.test(verb)
      ? { ...nowhere, doing: 'then', seq: verb }
      : { ...nowhere, doing: 'log' }
  }
  return { vault, secret, seq: '', doing: verb === 'edit' || verb === 'history' ? verb : 'view' }
}

/** The address of what is due in all vaults. */
export const DUE = '/due'

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
