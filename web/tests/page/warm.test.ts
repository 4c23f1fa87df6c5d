/** When the page wakes the server. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let asked: string[] = []

beforeEach(() => {
  asked = []
  vi.resetModules()
  vi.useFakeTimers()
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path)
    return Promise.reject(new TypeError('asleep'))
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('both sides of the server are asked at once, and once', async () => {
  const { warm } = await import('../../src/lib/api/warm.ts')

  warm()
  warm()

  expect(asked).toEqual(['/auth/health', '/api/warm'])
})

test('they are asked again when they may have fallen asleep', async () => {
  const { warm } = await import('../../src/lib/api/warm.ts')

  warm()
  vi.advanceTimersByTime(4 * 60_000 - 1)
  warm()
  const before = asked.length
  vi.advanceTimersByTime(1)
  warm()

  expect([before, asked.length]).toEqual([2, 4])
})
