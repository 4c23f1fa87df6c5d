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
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // what every screen needs arrives together
        codeSplitting: {
          groups: [
            {
              name: 'first',
              test: /src.(main|lib.(theme|explain|link-secret|log-in-form|core.errors))|preload-helper/,
              priority: 2
            },
            {
              // but for what draws QR codes: few screens have one; and the styles of all
              name: 'app',
              test: /node_modules.svelte|src.lib.(ui.(?!Qr)|state|router|times|visible|places)|svelte&type=style/,
              priority: 1
            }
          ]
        }
      }
    }
  }
})
