/** The history of one vault, verified commit by commit from what the keyring has pinned. */
import type { Http } from '../api/http.ts'
import { type Bytes, equal } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { Altered, Broken, Fork, Rollback, Unsigned } from '../crypto/errors.ts'
import type { AuditPin } from '../crypto/memories.ts'
import { stateFromPin, type Pin } from '../crypto/pins.ts'
import { State } from '../crypto/state.ts'
import { Certificates } from '../crypto/certificates.ts'
import type { Role } from '../crypto/ops.ts'
import { fetchCommits } from './commit-pages.ts'
import { CoreError } from './errors.ts'
import { Grants } from './grants.ts'
import type { Head } from './types.ts'

/** One vault's state and how it was reached. */
export class History {
  readonly vaultId: string
  readonly certificates = new Certificates()
  readonly grants = new Grants()
  state: State
  #last: Commit | null = null
  /** The hash of each commit on the way, by its number. */
  readonly #passed = new Map<bigint, Bytes>()
  readonly #http: Http
  readonly #path: string | undefined

  /** @param path where somebody who is no member may ask for what came after the pin */
  constructor(http: Http, vaultId: string, pin: Pin | null, path?: string) {
    this.#http = http
    this.#path = path
    this.vaultId = vaultId
    this.state = pin === null ? State.empty(vaultId) : stateFromPin(vaultId, pin)
    this.#passed.set(this.state.head.seq, this.state.head.hash)
  }

  /** The last change, as its author signed it. */
  get head(): Head {
    if (this.#last === null) throw new Error('no commit was followed yet')
    return headOf(this.#last)
  }

  /** The role of a member; whoever is none is refused. */
  roleOf(userId: string): Role {
    const role = this.state.member(userId)?.role
    if (role === undefined) throw new CoreError('refused', 'not a member')
    return role
  }

  /**
   * Follows the history to the head that the server names.
   *
   * @returns the commits that were new
   */
  async follow(claimed: { seq: bigint; hash: Bytes; state: Bytes }): Promise<Commit[]> {
    const known = this.state.head
    if (claimed.seq < known.seq) throw new Rollback('an older head')
    const followed: Commit[] = []
    // the pinned commit itself is asked for once, for its author and time
    const again = this.#last === null && known.seq > 0n && this.#path === undefined
    const after = again ? known.seq - 1n : known.seq
    const commits = fetchCommits(this.#http, this.vaultId, after, claimed.seq, this.#path)
    for await (const commit of commits) {
      if (commit.seq === known.seq) this.#recognise(commit)
      else {
        await this.take(commit)
        followed.push(commit)
      }
    }
    if (!equal(this.state.head.hash, claimed.hash)) throw new Fork('another head')
    if (!equal(this.state.head.state, claimed.state)) throw new Altered('another state')
    return followed
  }

  /** Refuses a way that does not lead through what another device of the same person has seen. */
  checkThrough(seen: AuditPin | null): void {
    if (seen === null) return
    if (seen.seq > this.state.head.seq) throw new Rollback('another device has seen more')
    const passed = this.#passed.get(seen.seq)
    if (passed !== undefined && !equal(passed, seen.hash)) throw new Fork('another device')
  }

  /** Verifies one commit and goes on from it. */
  async take(commit: Commit): Promise<void> {
    if (!equal(commit.prev, this.state.head.hash)) throw new Fork('another history')
    await this.certificates.addFrom(commit)
    const author = await this.certificates.authorOf(commit, this.state)
    await this.state.apply(commit, author).catch((ex: unknown) => {
      // signed or not, nobody may have said this
      throw ex instanceof Broken ? new Unsigned(ex.message) : ex
    })
    this.grants.note(commit, author, this.state.epoch)
    this.#last = commit
    this.#passed.set(commit.seq, commit.hash)
  }

  #recognise(commit: Commit): void {
    if (!equal(commit.hash, this.state.head.hash)) throw new Fork('another history')
    this.#last = commit
  }
}

/** A change as its author signed it: which, by whom, when. */
export function headOf({ seq, authorId, timeMs }: Commit): Head {
  return { seq: String(seq), author: authorId, timeMs: Number(timeMs) }
}
