/** Tests of what needs no browser; Node's WebCrypto stands in for the browser's. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000
  }
})
