/** The core's worker: answers the calls of one page. */
import { fetchTransport, Http } from '../api/http.ts'
import { BrowserDevice } from './device.ts'
import { toCoreError } from './failures.ts'
import { KdfLine } from './kdf-line.ts'
import type { Answer, Call, Ports } from './protocol.ts'
import type { Progress, Row } from './types.ts'
import { WorkerCore } from './worker-core.ts'

const post = (answer: Answer): void => {
  self.postMessage(answer)
}

const line = new KdfLine(post)

const core = new WorkerCore({
  http: new Http(fetchTransport),
  device: new BrowserDevice(),
  stretch: line.stretch,
  note: (name, ms) => {
    post({ measure: { name, ms } })
  }
})

async function answer({ id, method, args }: Call): Promise<void> {
  const onRows = (rows: Row[], progress: Progress): void => {
    post({ id, rows, progress })
  }
  try {
    const call = core[method] as (...args: unknown[]) => Promise<unknown>
    const all = method === 'open' ? [...args, onRows] : args
    post({ id, result: await call.apply(core, all) })
  } catch (ex) {
    const { code, message, retryAfter, field } = toCoreError(ex)
    post({ id, error: { code, message, retryAfter, field } })
  }
}

self.onmessage = ({ data }: MessageEvent<Call | Ports>) => {
  if ('kdf' in data) line.hear(data)
  else void answer(data)
}
