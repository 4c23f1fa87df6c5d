/** The last step of a build: integrity, headers, and compressed copies. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Plugin } from 'vite'
import { compress } from './compress.ts'
import { filesOf } from './files.ts'
import { rules } from './headers.ts'
import { pinChunksOfWorkers, withIntegrity } from './integrity.ts'

/** Works on the written files, so that what is hashed is what is served. */
export function finish(): Plugin {
  let site = ''
  return {
    name: 'keyarc:finish',
    apply: 'build',
    configResolved(config) {
      site = resolve(config.root, config.build.outDir)
    },
    closeBundle(error?: Error) {
      if (error !== undefined) return
      pinChunksOfWorkers(site)
      const page = join(site, 'index.html')
      const html = withIntegrity(readFileSync(page, 'utf8'), site)
      writeFileSync(page, html)
      const headers = { rules: rules(html, filesOf(site)) }
      writeFileSync(join(dirname(site), 'headers.json'), JSON.stringify(headers, null, 2) + '\n')
      compress(site)
    }
  }
}
