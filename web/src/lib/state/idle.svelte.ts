/** Locks when nobody has touched the page for a while. */

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

/** A deadline that each sign of life puts off. */
export class IdleLock {
  minutes = $state(15)
  #seen = Date.now()

  /** Calls `lock` once per idle spell; a laptop that slept through it locks as it wakes. */
  watch(lock: (minutes: number) => void): void {
    const check = (): void => {
      if (Date.now() - this.#seen >= this.minutes * 60_000) lock(this.minutes)
    }
    for (const sign of SIGNS_OF_LIFE) {
      addEventListener(
        sign,
        () => {
          check()
          this.#seen = Date.now()
        },
        { capture: true, passive: true }
      )
    }
    document.addEventListener('visibilitychange', check)
    setInterval(check, 5_000)
  }
}
