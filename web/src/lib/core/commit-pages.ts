/** A vault's commits as the server gives them: page by page, parsed, and not verified yet. */
import { readPage } from '../api/answers.ts'
import type { Http } from '../api/http.ts'
import { type Commit, parseCommit } from '../crypto/commits.ts'
import { Altered } from '../crypto/errors.ts'

/** The commits after `after` up to `until`, in order; one that is missing ends it. */
export async function* fetchCommits(
  http: Http,
  vaultId: string,
  after: bigint,
  until: bigint,
  base = `/api/keys/vaults/${vaultId}/commits`
): AsyncGenerator<Commit> {
  for (let last = after; last < until;) {
    const page = readPage(await http.get(`${base}?after=${String(last)}`))
    if (page.commits.length === 0) throw new Altered('a gap in the history')
    for (const { commit, signature } of page.commits) {
      const parsed = await parseCommit(commit, signature)
      if (parsed.vaultId !== vaultId || parsed.seq !== last + 1n) {
        throw new Altered('a gap in the history')
      }
      last = parsed.seq
      // what follows was written after the head was told
      if (last <= until) yield parsed
    }
  }
}
