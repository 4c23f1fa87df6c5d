/** The core's worker: answers the calls of one page. */
import { fetchTransport, Http } from '../api/http.ts'
import { type Listener, perform } from './calls.ts'
import { BrowserDevice } from './device.ts'
import { toCoreError } from './failures.ts'
import { KdfLine } from './kdf-line.ts'
import type { Answer, Call, Ports } from './protocol.ts'
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

async function answer({ id, asked, listens }: Call): Promise<void> {
  const listener: Listener = (...told) => {
    post({ id, told })
  }
  try {
    post({ id, result: await perform(core, asked, listens ? listener : undefined) })
  } catch (ex) {
    const { code, message, retryAfter, field } = toCoreError(ex)
    post({ id, error: { code, message, retryAfter, field } })
  }
}

self.onmessage = ({ data }: MessageEvent<Call | Ports>) => {
  if ('kdf' in data) line.hear(data)
  else void answer(data)
}
