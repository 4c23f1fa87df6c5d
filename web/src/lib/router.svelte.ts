/** Where the reader is, on the Navigation API, or on history where there is none. */

type Hold = (proceed: () => void) => void

/** The path of the page, and the ways to change it. */
export class Router {
  path = $state(location.pathname)
  /** Set while something unsaved is open: it decides whether a navigation goes on. */
  hold: Hold | null = null

  constructor() {
    if ('navigation' in globalThis) {
      navigation.addEventListener('navigate', (event) => {
        const to = new URL(event.destination.url)
        if (!event.canIntercept || event.hashChange || event.downloadRequest !== null) return
        if (event.navigationType === 'reload') return
        if (event.cancelable && this.#held(to.pathname)) return void event.preventDefault()
        event.intercept({
          focusReset: 'manual',
          scroll: 'manual',
          handler: () => {
            this.path = to.pathname
            return Promise.resolve()
          }
        })
      })
    } else {
      addEventListener('popstate', () => (this.path = location.pathname))
      document.addEventListener('click', (event) => {
        this.#click(event)
      })
    }
  }

  /** Goes to a path; with `replace`, in place of this one. */
  go(path: string, { replace = false } = {}): void {
    if (path === this.path || this.#held(path)) return
    if (replace) history.replaceState(null, '', path)
    else history.pushState(null, '', path)
    this.path = path
  }

  #held(path: string): boolean {
    const { hold } = this
    if (hold === null || path === this.path) return false
    hold(() => {
      this.hold = null
      this.go(path)
    })
    return true
  }

  #click(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (link === null || link.origin !== location.origin || link.download || link.target) return
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    this.go(link.pathname)
  }
}
