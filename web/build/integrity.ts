/** Makes the hash of index.html name every byte of code that the page may run. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesOf, isWorker } from './files.ts'

function hash(name: 'sha256' | 'sha384', data: string | Buffer): string {
  return `${name}-${createHash(name).update(data).digest('base64')}`
}

/** An import that runs before the script that has it. */
const STATIC = /\b(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g

const scripts = (site: string): string[] => filesOf(site).filter((path) => path.endsWith('.js'))

/**
 * An import map does not reach into a worker, so a worker fetches a lazy chunk with its hash
 * before it imports it. Chunks are taken leaves first, for their own imports change them too.
 */
export function pinChunksOfWorkers(site: string): void {
  const chunks = scripts(site).filter((path) => path.startsWith('/assets/'))
  const code = new Map(chunks.map((path) => [path, readFileSync(join(site, path), 'utf8')]))
  const done = new Set<string>()
  const pin = (path: string): void => {
    if (done.has(path)) return
    done.add(path)
    const pinned = (code.get(path) ?? '').replace(
      /\bimport\(\s*(["'`])\.\/([\w.-]+\.js)\1\s*\)/g,
      (whole, _quote, name: string) => {
        const needed = withImports(`/assets/${name}`, code)
        needed.forEach(pin)
        const checks = needed.map((chunk) => {
          const integrity = hash('sha384', code.get(chunk) ?? '')
          return `fetch("${chunk}",{integrity:"${integrity}"})`
        })
        return `Promise.all([${checks.join()}]).then(()=>${whole})`
      }
    )
    code.set(path, pinned)
    writeFileSync(join(site, path), pinned)
  }
  for (const path of workerScripts(chunks, code)) pin(path)
  for (const path of chunks.filter(isWorker)) {
    if (withImports(path, code).length > 1) throw new Error(`${path} imports what is not pinned`)
  }
}

/** A chunk and everything that it imports before it runs. */
function withImports(
  chunk: string,
  code: Map<string, string>,
  found = new Set<string>()
): string[] {
  if (found.has(chunk)) return [...found]
  found.add(chunk)
  for (const [, name] of (code.get(chunk) ?? '').matchAll(STATIC)) {
    withImports(`/assets/${name ?? ''}`, code, found)
  }
  return [...found]
}

/** The workers, and whatever only they load. */
function workerScripts(chunks: string[], code: Map<string, string>): string[] {
  const found = chunks.filter((path) => path.includes('.worker-'))
  for (const path of found) {
    for (const other of chunks) {
      const name = other.slice('/assets/'.length)
      if (!found.includes(other) && code.get(path)?.includes(`./${name}`)) found.push(other)
    }
  }
  return found
}

/** The page with the styles that come with the app: named, and not fetched before they are wanted. */
function withLaterStyles(html: string, site: string): string {
  const later = filesOf(site).filter((path) => path.endsWith('.css') && !html.includes(path))
  const links = later.map((path) => `  <link rel="stylesheet" disabled href="${path}">\n  `)
  return html.replace('</head>', `${links.join('')}</head>`)
}

/** The page with a hash on each script and style, and an import map of the hashes of all. */
export function withIntegrity(html: string, site: string): string {
  const of = (path: string): string => hash('sha384', readFileSync(join(site, path)))
  const map = { integrity: Object.fromEntries(scripts(site).map((path) => [path, of(path)])) }
  const pinned = withLaterStyles(html, site).replace(
    /<(script|link)\b([^>]*?)\b(src|href)="(\/assets\/[^"]+\.(?:js|css))"/g,
    (_whole, tag: string, before: string, name: string, path: string) =>
      `<${tag}${before}${name}="${path}" integrity="${of(path)}"`
  )
  return pinned.replace(
    /(<meta charset="[^"]*"\s*\/?>)/,
    `$1\n    <script type="importmap">${JSON.stringify(map)}</script>`
  )
}

/** The source expression that admits the import map, which has to stand in the page itself. */
export function importMapSource(html: string): string {
  const map = /<script type="importmap">(.*?)<\/script>/s.exec(html)
  if (map?.[1] === undefined) throw new Error('the page has no import map')
  return `'${hash('sha256', map[1])}'`
}
