/** How the page looks, as its reader chose. */
import { setTheme, storedTheme, type Theme } from '../theme.ts'

/** The chosen theme. */
export class Appearance {
  theme = $state<Theme>(storedTheme())

  choose(theme: Theme): void {
    this.theme = theme
    setTheme(theme)
  }
}
