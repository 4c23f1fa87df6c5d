/** Builds the page into `dist/site`, with everything that a server of it must know. */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { finish } from './build/finish.ts'

export default defineConfig({
  plugins: [svelte(), finish()],
  worker: { format: 'es' },
  build: {
    outDir: 'dist/site',
    target: 'es2023',
    sourcemap: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false }
  }
})
