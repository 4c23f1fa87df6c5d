/** What concerns the server, and no key. */
import { type About, readAbout } from '../api/returns.ts'
import type { Holder } from './holder.ts'

/** The server as a reader meets it before any account. */
export class Server {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  async about(): Promise<About> {
    return readAbout(await this.#holder.world.http.get('/auth/about'))
  }

  /** Proves an address by what its link held. */
  async verifyEmail(token: string): Promise<void> {
    await this.#holder.world.http.post('/auth/email-verifications', { token })
  }
}
