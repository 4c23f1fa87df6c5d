/** Bundles the checks for a browser; `--outDir` says where to. */
import { defineConfig } from 'vite'

export default defineConfig({
  publicDir: false,
  build: {
    lib: { entry: 'tests/browser/checks.ts', formats: ['es'], fileName: 'checks' },
    emptyOutDir: true,
    minify: false
  }
})
