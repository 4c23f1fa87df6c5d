/** The account itself: what the server says of it, its address, its kit, and its end. */
import type { RunningRecovery } from '../api/profile.ts'
import { showAccountKey } from '../crypto/codes.ts'
import { carryOut, fetchProfile, isLost } from './changes.ts'
import { toCoreError } from './failures.ts'
import type { Holder } from './holder.ts'
import { checkedEmail } from './inputs.ts'
import type { Proven } from './proofs.ts'

/** What a person is told of their own account. */
export type Notes = {
  email: string
  secondFactor: boolean
  reminders: boolean
  recovery: RunningRecovery | null
}

/** What a person does to their own account, once it is open. */
export class OwnAccount {
  readonly #holder: Holder
  readonly #proven: Proven

  constructor(holder: Holder, proven: Proven) {
    this.#holder = holder
    this.#proven = proven
  }

  /** Asks what there is to know; this browser follows an address that was changed elsewhere. */
  async notes(): Promise<Notes> {
    const profile = await fetchProfile(this.#holder.world)
    const { email, secondFactor, reminders, recovery } = profile
    await this.#follow(email)
    return { email, secondFactor, reminders, recovery }
  }

  /** The account key again, for another emergency kit; for a fresh proof. */
  accountKey(): Promise<string> {
    return showAccountKey(this.#proven.take().accountKey)
  }

  /** Changes the address, for a fresh proof; false when it waits for a mailed link. */
  async changeEmail(a: { email: string }): Promise<boolean> {
    const email = checkedEmail(a.email)
    this.#proven.take()
    await carryOut(this.#holder.world, {
      path: '/api/account/email',
      body: { email },
      done: (now) => now.email === email,
      next: null
    })
    return (await this.notes()).email === email
  }

  /** Stops a recovery that somebody has begun; that takes no proof. */
  async stopRecovery(): Promise<void> {
    await this.#holder.world.http.delete('/api/account/recovery')
  }

  /** Ends the account, at once and for good, for a fresh proof. */
  async remove(): Promise<void> {
    const { http, device } = this.#holder.world
    this.#proven.take()
    const path = '/api/account/profile'
    await http.delete(path).catch(async (ex: unknown) => {
      if (!isLost(ex)) throw ex
      // nobody is signed in any more where the first request did it
      await http.delete(path).catch((again: unknown) => {
        if (toCoreError(again).code !== 'session-ended') throw again
      })
    })
    this.#holder.close()
    await device.clear()
  }

  async #follow(email: string): Promise<void> {
    const { device } = this.#holder.world
    const record = await device.load()
    if (record === null || record.email === email) return
    await device.save({ ...record, email })
    this.#holder.context.keys.email = email
  }
}
