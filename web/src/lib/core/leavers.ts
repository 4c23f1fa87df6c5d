/** Whoever left a vault could read it: what they saw, and what of it has not been replaced since. */
import type { PastVersion } from './archive.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import type { Holder } from './holder.ts'
import { type Membership, memberships } from './memberships.ts'

/** A secret that somebody could read, and whether its first value is another one by now. */
export type ReadSecret = { id: string; name: string; replaced: boolean }

/** Somebody who is out of a vault, with what is to be replaced because of that. */
export type Leaver = {
  userId: string
  email: string
  machine: boolean
  untilMs: number
  secrets: ReadSecret[]
  /** How many of what they could read have been deleted. */
  deleted: number
}

/** The people and machines that left vaults. */
export class Leavers {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** Everybody who left and did not come back, the last one first. */
  list(vaultId: string): Promise<Leaver[]> {
    const { context, vaults } = this.#holder
    return vaults.work(vaultId, async ({ contents }) => {
      await contents.refresh()
      const { state } = contents.history
      const past = memberships(await contents.archive.commits())
      const versions = await contents.archive.versions()
      const last = new Map(past.map((one) => [one.userId, one]))
      return [...last.values()]
        .filter(({ userId }) => state.member(userId) === undefined)
        .map((one) => leaver(context, contents, one, past, versions))
        .sort((a, b) => b.untilMs - a.untilMs)
    })
  }
}

function leaver(
  { keeper }: Context,
  contents: Contents,
  { userId, how, until }: Membership,
  past: Membership[],
  versions: Map<string, PastVersion[]>
): Leaver {
  const spans = past.filter((one) => one.userId === userId)
  const untilMs = until?.timeMs ?? NaN
  const secrets: ReadSecret[] = []
  let deleted = 0
  for (const [id, all] of versions) {
    if (!spans.some((span) => couldRead(span, all))) continue
    const overview = contents.shown.get(id)?.row.overview
    if (overview === undefined) deleted++
    else {
      const replaced = Number(overview.rotated_at) > untilMs
      secrets.push({ id, name: overview.name, replaced })
    }
  }
  const email = keeper.keyring.people.find(userId)?.email ?? ''
  secrets.sort((a, b) => a.name.localeCompare(b.name))
  return { userId, email, machine: how === 'machine', untilMs, secrets, deleted }
}

/** Whether any version of a secret was live while somebody was a member. */
function couldRead({ since, until }: Membership, versions: PastVersion[]): boolean {
  return versions.some(({ entry, commit }, i) => {
    const end = versions[i + 1]?.commit.seq
    const begun = until === null || commit.seq < until.seq
    return entry !== null && begun && (end === undefined || end > since.seq)
  })
}
