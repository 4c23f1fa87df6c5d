/** All that ever happened in a vault, as the head that was verified vouches for it. */
import type { Http } from '../api/http.ts'
import type { SecretEntry } from '../crypto/buckets.ts'
import { equal } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { Altered, Fork } from '../crypto/errors.ts'
import { NO_HASH } from '../crypto/state-hash.ts'
import { fetchCommits } from './commit-pages.ts'
import type { History } from './history.ts'
import type { Told } from './types.ts'

/** How many commits are read before it is told again. */
const OFTEN = 100

/** One version of a secret, and the commit that made it; `entry` is null of a deletion. */
export type PastVersion = { version: bigint; entry: SecretEntry | null; commit: Commit }

/** Every commit from the genesis on; what was fetched once is kept. */
export class Archive {
  readonly #http: Http
  readonly #history: History
  readonly #commits: Commit[] = []

  constructor(http: Http, history: History) {
    this.#http = http
    this.#history = history
  }

  /** The commits: each names the one before it, and the last one is the head. */
  async commits(told?: Told): Promise<readonly Commit[]> {
    const { vaultId, state } = this.#history
    let last = this.#commits.at(-1)?.hash ?? NO_HASH
    const more: Commit[] = []
    const after = BigInt(this.#commits.length)
    for await (const commit of fetchCommits(this.#http, vaultId, after, state.head.seq)) {
      if (!equal(commit.prev, last)) throw new Fork('another history')
      last = commit.hash
      more.push(commit)
      if (more.length % OFTEN === 0) told?.(Number(commit.seq), Number(state.head.seq))
    }
    if (!equal(last, state.head.hash)) throw new Fork('another history')
    this.#commits.push(...more)
    return this.#commits
  }

  /** The versions of every secret up to a commit, in order. */
  async versions(until = this.#history.state.head.seq): Promise<Map<string, PastVersion[]>> {
    const found = new Map<string, PastVersion[]>()
    for (const commit of await this.commits()) {
      if (commit.seq > until) break
      for (const op of commit.ops) {
        if (op.op !== 'put' && op.op !== 'delete') continue
        const versions = found.get(op.secretId) ?? []
        versions.push({ version: op.version, entry: op.op === 'put' ? op : null, commit })
        found.set(op.secretId, versions)
      }
    }
    return found
  }

  /** The versions of one secret, in order; none of a secret that never was. */
  async versionsOf(secretId: string): Promise<PastVersion[]> {
    const versions = (await this.versions()).get(secretId) ?? []
    const next = (versions.at(-1)?.version ?? 0n) + 1n
    // no head signs which version a deletion took: that came with a list
    if (this.#history.state.nextVersion(secretId) !== next) throw new Altered('another version')
    return versions
  }
}
