/** What went wrong, for a test that expects it. */
import { CoreError } from '../../src/lib/core/errors.ts'

/** The code of the core's error; anything else fails the test. */
export async function failure(work: Promise<unknown>): Promise<string> {
  const reason: unknown = await work.then(
    () => new Error('nothing failed'),
    (ex: unknown) => ex
  )
  if (!(reason instanceof CoreError)) throw reason as Error
  return reason.code
}
