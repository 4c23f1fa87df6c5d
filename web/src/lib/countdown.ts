/** Counts the seconds of a pause. */

/** Tells the seconds that are left, at once and then each second; calls `over` at the end. */
export function countDown(
  until: number,
  tell: (seconds: number) => void,
  over: () => void
): () => void {
  const count = (): void => {
    const left = Math.ceil((until - Date.now()) / 1000)
    tell(Math.max(left, 0))
    if (left > 0) return
    clearInterval(timer)
    over()
  }
  const timer = setInterval(count, 1000)
  count()
  return () => {
    clearInterval(timer)
  }
}

/** "12 s", "3 min 5 s". */
export function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`
}
