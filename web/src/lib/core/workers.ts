/** Starts the two workers, under the one Trusted Types policy of the page. */
import coreUrl from './core.worker.ts?worker&url'
import kdfUrl from './kdf.worker.ts?worker&url'

type Policy = { createScriptURL(url: string): string | URL }
type Factory = {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy
}

/** The only policy: it admits exactly the two built workers. */
function makePolicy(): Policy {
  const rules = {
    createScriptURL(url: string): string {
      if (url === coreUrl || url === kdfUrl) return url
      throw new TypeError('not a worker of this page')
    }
  }
  const { trustedTypes } = globalThis as { trustedTypes?: Factory }
  return trustedTypes?.createPolicy('keyarc', rules) ?? rules
}

let policy: Policy | undefined

function start(url: string): Worker {
  policy ??= makePolicy()
  return new Worker(policy.createScriptURL(url), { type: 'module' })
}

/** The worker that holds keys and talks to the server. */
export function startCoreWorker(): Worker {
  return start(coreUrl)
}

/** A worker for one derivation; it is to be terminated afterwards. */
export function startKdfWorker(): Worker {
  return start(kdfUrl)
}
