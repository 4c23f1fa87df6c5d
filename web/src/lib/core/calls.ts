/** Calls of the core: made of `core.noun.method(…)` on the page's side, done in the worker. */
import type { Core } from './types.ts'
import type { WorkerCore } from './worker-core.ts'

/** What is asked of the core. */
export type Asked = { noun: string; method: string; args: unknown[] }

/** Hears what a call tells before it ends. */
export type Listener = (...told: unknown[]) => void

type Ask = (asked: Asked, listener: Listener | undefined) => Promise<unknown>
type Method = (...args: unknown[]) => unknown

/** A core that hands each call on; a function as the last argument hears what the call tells. */
export function asCore(ask: Ask, lock: () => void): Core {
  const noun = (name: string): object =>
    new Proxy({} as Record<string, Method>, {
      get:
        (_, method: string) =>
        (...args: unknown[]) => {
          const listener = typeof args.at(-1) === 'function' ? (args.pop() as Listener) : undefined
          return ask({ noun: name, method, args }, listener)
        }
    })
  return new Proxy({ lock } as Core, {
    get: (target, name: string) => (name === 'lock' ? target.lock : noun(name))
  })
}

/** Does a call. */
export async function perform(
  core: WorkerCore,
  { noun, method, args }: Asked,
  listener: Listener | undefined
): Promise<unknown> {
  const owner = core[noun as keyof WorkerCore] as unknown as Record<string, Method>
  return owner[method]?.(...args, ...(listener === undefined ? [] : [listener]))
}
