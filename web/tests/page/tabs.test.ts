/** Two tabs of one browser. */
import { expect, test, vi } from 'vitest'
import { Session } from '../../src/lib/state/session.svelte.ts'
import { Team } from '../core/team.ts'

test('whoever logs out in one tab is locked out of the others', async () => {
  const { bob } = await Team.gather()
  const forgotten = vi.fn()
  const [one, other] = [new Session(bob.core, vi.fn()), new Session(bob.core, forgotten)]
  await one.opened()
  await other.opened()

  await one.logOut()

  await vi.waitFor(() => {
    expect(other.state).toBe('locked')
  })
  expect(other.reason).toBe('You logged out in another tab.')
  expect(forgotten).toHaveBeenCalledOnce()
})
