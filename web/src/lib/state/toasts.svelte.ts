/** Short messages that come and go. */
import type { Notice } from '../explain.ts'

/** One message, with at most one thing to do about it. */
export type Toast = {
  id: number
  text: string
  title?: string
  bad: boolean
  action?: { label: string; run: () => void }
}

/** The messages on the screen. */
export class Toasts {
  items = $state.raw<Toast[]>([])
  #next = 1
  /** What was under way when the page was locked fails in the same breath: nobody needs to hear. */
  #deaf = false

  /** Says something; it goes by itself, later where there is something to do. */
  say(text: string, action?: Toast['action']): void {
    const toast = { id: this.#next++, text, bad: false }
    this.#add(action === undefined ? toast : { ...toast, action }, action === undefined ? 5 : 12)
  }

  /** Shows an error; it stays until it is closed. */
  fail({ title, text }: Notice): void {
    this.#add({ id: this.#next++, title, text, bad: true })
  }

  close(id: number): void {
    this.items = this.items.filter((toast) => toast.id !== id)
  }

  clear(): void {
    this.items = []
    this.#deaf = true
    setTimeout(() => (this.#deaf = false))
  }

  #add(toast: Toast, seconds?: number): void {
    if (this.#deaf) return
    this.items = [...this.items.slice(-2), toast]
    if (seconds !== undefined)
      setTimeout(() => {
        this.close(toast.id)
      }, seconds * 1000)
  }
}
