/** The files of a built site. */
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Paths under a folder, as a browser asks for them: `/assets/…`, sorted. */
export function filesOf(site: string): string[] {
  return readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => '/' + relative(site, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort()
}

/** Whether a path is the script of a worker itself, not of one of its chunks. */
export function isWorker(path: string): boolean {
  return /^\/assets\/\w+\.worker-[\w-]+\.js$/.test(path)
}
