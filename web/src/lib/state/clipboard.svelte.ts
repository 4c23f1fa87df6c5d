/** What was copied from here, until it is cleared again. */

const SECONDS = 30

/** The clipboard, as far as this page filled it. */
export class Clipboard {
  /** The name of what is on the clipboard; empty when it is not ours. */
  label = $state('')
  /** Seconds until it is cleared. */
  left = $state(0)
  readonly seconds = SECONDS
  #until = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor() {
    // A page in the background may not write; it clears as soon as it may again.
    addEventListener('focus', () => {
      if (this.label !== '') void this.#tick()
    })
  }

  /** Copies a value, and clears it in half a minute. */
  async copy(label: string, value: string): Promise<void> {
    await navigator.clipboard.writeText(value)
    this.label = label
    this.left = SECONDS
    this.#until = Date.now() + SECONDS * 1000
    clearInterval(this.#timer)
    this.#timer = setInterval(() => void this.#tick(), 1000)
  }

  /** Clears it now; what is on it cannot be read back, so whatever it is goes. */
  async clear(): Promise<void> {
    if (this.label === '') return
    try {
      await navigator.clipboard.writeText('')
    } catch {
      this.left = 0
      return
    }
    clearInterval(this.#timer)
    this.label = ''
    this.left = 0
  }

  /** Goes on counting, but no longer says what was copied. */
  forgetName(): void {
    if (this.label !== '') this.label = 'A value'
  }

  async #tick(): Promise<void> {
    this.left = Math.max(0, Math.ceil((this.#until - Date.now()) / 1000))
    if (this.left === 0) await this.clear()
  }
}
