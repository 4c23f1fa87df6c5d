/** Derives one key and is then terminated, with all memory that has seen the password. */
import { stretch } from '../crypto/argon2id.ts'
import type { Derived, Wanted } from './protocol.ts'

self.onmessage = (event: MessageEvent<{ port: MessagePort }>) => {
  const { port } = event.data
  port.onmessage = async ({ data }: MessageEvent<Wanted>) => {
    try {
      const derived = await stretch(data.password, data.salt)
      port.postMessage({ derived } satisfies Derived, [derived.buffer])
    } catch (ex) {
      port.postMessage({ failed: ex instanceof Error ? ex.message : 'failed' } satisfies Derived)
    }
  }
}
