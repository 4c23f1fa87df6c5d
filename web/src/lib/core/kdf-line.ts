/** The core's way to the worker that derives keys: the page makes it, nobody else may. */
import type { Bytes } from '../crypto/bytes.ts'
import { CoreError } from './errors.ts'
import type { Answer, Derived, Ports, Wanted } from './protocol.ts'

/** Asks the page for a worker, hands it the password by a port of its own, and lets it end. */
export class KdfLine {
  readonly #post: (answer: Answer) => void
  readonly #waiting = new Map<number, (port: MessagePort | null) => void>()
  #next = 1

  constructor(post: (answer: Answer) => void) {
    this.#post = post
  }

  /** The page's answer. */
  hear({ kdf, port }: Ports): void {
    this.#waiting.get(kdf)?.(port)
  }

  readonly stretch = async (password: Bytes, salt: Bytes): Promise<Bytes> => {
    const kdf = this.#next++
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(kdf, (port) => {
          if (port === null) reject(new CoreError('unavailable', 'no worker to derive keys'))
          else askPort(port, { password, salt }, resolve, reject)
        })
        this.#post({ kdf, wanted: true })
      })
    } finally {
      this.#waiting.delete(kdf)
      this.#post({ kdf, wanted: false })
    }
  }
}

function askPort(
  port: MessagePort,
  wanted: Wanted,
  resolve: (derived: Bytes) => void,
  reject: (reason: CoreError) => void
): void {
  port.onmessage = ({ data }: MessageEvent<Derived>) => {
    port.close()
    if ('derived' in data) resolve(data.derived)
    else reject(new CoreError('unavailable', data.failed))
  }
  port.postMessage(wanted)
}
