/** Copies that a static server can send as they are. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { filesOf } from './files.ts'

const TEXT = /\.(css|html|js|json|svg|txt|wasm|webmanifest)$/

/** Writes `.br` and `.gz` next to every file of text. */
export function compress(site: string): void {
  for (const path of filesOf(site).filter((path) => TEXT.test(path))) {
    const file = join(site, path)
    const raw = readFileSync(file)
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: raw.length
    }
    writeFileSync(file + '.br', brotliCompressSync(raw, { params }))
    writeFileSync(file + '.gz', gzipSync(raw, { level: 9 }))
  }
}
