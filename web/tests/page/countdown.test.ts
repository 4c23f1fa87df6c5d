/** How long a form waits for a server that wants a pause. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CoreError } from '../../src/lib/core/errors.ts'
import { clock, countDown } from '../../src/lib/countdown.ts'
import { explain } from '../../src/lib/explain.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('the seconds are told from the first to none, and then it is over, once', () => {
  const told: number[] = []
  const over = vi.fn()

  countDown(Date.now() + 3_000, (seconds) => told.push(seconds), over)
  vi.advanceTimersByTime(2_999)
  expect(over).not.toHaveBeenCalled()
  vi.advanceTimersByTime(10_000)

  expect(told).toEqual([3, 2, 1, 0])
  expect(over).toHaveBeenCalledOnce()
})

test('a countdown that nobody waits for any more is never over', () => {
  const over = vi.fn()

  const stop = countDown(Date.now() + 3_000, () => undefined, over)
  stop()
  vi.advanceTimersByTime(10_000)

  expect(over).not.toHaveBeenCalled()
})

test('a laptop that slept through the pause goes on as it wakes', () => {
  const over = vi.fn()
  countDown(Date.now() + 60_000, () => undefined, over)

  vi.setSystemTime(Date.now() + 3_600_000)
  vi.advanceTimersByTime(1_000)

  expect(over).toHaveBeenCalledOnce()
})

test('a pause is explained by its end; without one named there is nothing to count', () => {
  const limited = new CoreError('too-many-requests', 'slow', { retryAfter: 90 })

  expect(explain(limited, 'Not yet').until).toBe(Date.now() + 90_000)
  expect(explain(new CoreError('too-many-requests'), 'Not yet').until).toBeUndefined()
  expect(explain(new CoreError('unavailable', '', { retryAfter: 5 }), 'No').until).toBeUndefined()
  expect([clock(12), clock(185)]).toEqual(['12 s', '3 min 5 s'])
})
