/** Light, dark or as the system; the one thing that this page stores in the clear. */

/** What a reader can choose. */
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'theme'

/** The stored choice; whatever else is stored there counts as none. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

/** Stores a choice and shows it. */
export function setTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme)
  showTheme(theme)
}

/** Shows a theme without storing it. */
export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}
