/** The page's side of the core: calls go to a module worker, answers come back typed. */
import { type Asked, asCore, type Listener } from './calls.ts'
import { CoreError } from './errors.ts'
import type { Answer, Call, Ports } from './protocol.ts'
import type { Core } from './types.ts'
import { startCoreWorker, startKdfWorker } from './workers.ts'

type Waiting = {
  resolve: (value: unknown) => void
  reject: (reason: CoreError) => void
  listener: Listener | undefined
}

/** One core worker and the calls that wait for it. */
class Line {
  readonly #waiting = new Map<number, Waiting>()
  readonly #kdf = new Map<number, Worker>()
  #worker: Worker | null = null
  #next = 1

  call(asked: Asked, listener: Listener | undefined): Promise<unknown> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, listener })
      const call: Call = { id, asked, listens: listener !== undefined }
      this.#start().postMessage(call)
    })
  }

  /** Ends the worker, and with it every key that it holds. */
  cut(): void {
    this.#fail(new CoreError('refused', 'locked'))
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker
    const worker = startCoreWorker()
    worker.onmessage = (event: MessageEvent<Answer>) => {
      this.#hear(worker, event.data)
    }
    worker.onerror = () => {
      this.#fail(new CoreError('unavailable', 'core worker stopped'))
    }
    this.#worker = worker
    return worker
  }

  #fail(reason: CoreError): void {
    this.#worker?.terminate()
    this.#worker = null
    for (const kdf of this.#kdf.values()) kdf.terminate()
    this.#kdf.clear()
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
  }

  #hear(worker: Worker, answer: Answer): void {
    if ('measure' in answer) {
      const { name, ms } = answer.measure
      performance.measure(name, { start: performance.now() - ms, duration: ms })
    } else if ('kdf' in answer) {
      this.#serve(worker, answer)
    } else if ('told' in answer) {
      this.#waiting.get(answer.id)?.listener?.(...answer.told)
    } else {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('error' in answer) {
        const { code, message, retryAfter, field } = answer.error
        waiting?.reject(new CoreError(code, message, { retryAfter, field }))
      } else waiting?.resolve(answer.result)
    }
  }

  /** A worker's policy may make no worker, so the page makes the one that derives keys. */
  #serve(worker: Worker, { kdf, wanted }: Extract<Answer, { kdf: number }>): void {
    if (!wanted) {
      this.#kdf.get(kdf)?.terminate()
      this.#kdf.delete(kdf)
      return
    }
    const deriving = startKdfWorker()
    const { port1, port2 } = new MessageChannel()
    deriving.onerror = () => {
      worker.postMessage({ kdf, port: null } satisfies Ports)
    }
    this.#kdf.set(kdf, deriving)
    worker.postMessage({ kdf, port: port1 } satisfies Ports, [port1])
    deriving.postMessage({ port: port2 }, [port2])
  }
}

/** Starts the core in its own worker, on the first call. */
export function startCore(): Core {
  const line = new Line()
  return asCore(
    (asked, listener) => line.call(asked, listener),
    () => {
      line.cut()
    }
  )
}
