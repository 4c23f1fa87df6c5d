/** Holds the workers to their hashes, as the page itself is held to its own. */

type ImportMap = { integrity?: Record<string, string> }

/** Fetches each worker with its hash: one that was changed is not started. */
export async function checkWorkers(): Promise<void> {
  const map = document.querySelector('script[type=importmap]')?.textContent
  if (map === undefined || map === null) return
  const { integrity = {} } = JSON.parse(map) as ImportMap
  const workers = Object.entries(integrity).filter(([path]) => /\/\w+\.worker-[^/]+$/.test(path))
  await Promise.all(workers.map(([path, integrity]) => fetch(path, { integrity })))
}
