/** The short messages, and what a lock does to them. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Toasts } from '../../src/lib/state/toasts.svelte.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('what fails because the page was locked says no name on the locked page', async () => {
  const toasts = new Toasts()
  const { promise, reject } = Promise.withResolvers<never>()
  const deed = promise.catch(() => {
    toasts.fail({ title: '“KEY” was not deleted', text: '' })
  })

  reject(new Error('locked'))
  toasts.clear()
  await deed

  expect(toasts.items).toEqual([])
  vi.runAllTimers()
  toasts.say('Saved.')
  expect(toasts.items).toHaveLength(1)
})
