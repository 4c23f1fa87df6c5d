/**
 * Whoever left a vault may have copied what they could read: a list of values to replace. One
 * counts as replaced once it is none of those that were there in their time.
 */
import type { PastVersion } from './archive.ts'
import type { Contents } from './contents.ts'
import type { Holder } from './holder.ts'
import { type Membership, memberships } from './memberships.ts'
import { type Name, namesOf } from './names.ts'
import { openOverviews, type Found, type Wanted } from './old-overviews.ts'

/** A secret that somebody could read, and what became of it since. */
export type ReadSecret = { id: string; name: string; now: 'left' | 'replaced' | 'deleted' }

/** Somebody who is out of a vault, with what is to be replaced because of that. */
export type Leaver = {
  userId: string
  name: Name
  untilMs: number
  /** Whether the vault has had another key since. */
  rotated: boolean
  secrets: ReadSecret[]
}

type Opened = Map<PastVersion, Found>

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
      const commits = await contents.archive.commits()
      const past = memberships(commits)
      const gone = past.filter((one) => isLast(one, past) && !isMember(contents, one))
      const versions = gone.length === 0 ? new Map() : await contents.archive.versions()
      const read = gone.map((one) => readBy(spansOf(one, past), versions))
      const wanted = [...new Map(read.flat().map((one) => [one[1], one])).values()]
      const found = await openOverviews(context, contents, wanted)
      const opened: Opened = new Map(
        wanted.flatMap(([, version], i) => {
          const one = found[i]
          return one === undefined ? [] : [[version, one] as const]
        })
      )
      const ids = gone.map(({ userId }) => userId)
      const names = await namesOf(context, vaultId, ids)
      const rotations = commits.filter(({ ops }) => ops.some(({ op }) => op === 'rotate'))
      return gone
        .map(({ userId, until }, i) => ({
          userId,
          name: names[userId] ?? { text: '', by: 'nobody' as const },
          untilMs: until?.timeMs ?? NaN,
          // a key of their own making shuts nobody out
          rotated: rotations.some(
            (one) => one.seq >= (until?.seq ?? 0n) && one.authorId !== userId
          ),
          secrets: secretsOf(contents, read[i] ?? [], opened, until?.timeMs ?? NaN)
        }))
        .sort((a, b) => b.untilMs - a.untilMs)
    })
  }
}

const spansOf = ({ userId }: Membership, past: Membership[]): Membership[] =>
  past.filter((one) => one.userId === userId)

const isLast = (one: Membership, past: Membership[]): boolean => spansOf(one, past).at(-1) === one

const isMember = ({ history }: Contents, { userId }: Membership): boolean =>
  history.state.member(userId) !== undefined

/** Every version that was the live one at some time while somebody was a member. */
function readBy(spans: Membership[], versions: ReadonlyMap<string, PastVersion[]>): Wanted[] {
  return [...versions].flatMap(([id, all]) =>
    all
      .filter(({ entry, commit }, i) => {
        const end = all[i + 1]?.commit.seq
        const within = ({ since, until }: Membership): boolean =>
          (until === null || commit.seq < until.seq) && (end === undefined || end > since.seq)
        return entry !== null && spans.some(within)
      })
      .map((version) => [id, version] as const)
  )
}

function secretsOf(
  { shown }: Contents,
  read: Wanted[],
  opened: Opened,
  untilMs: number
): ReadSecret[] {
  const bySecret = Map.groupBy(read, ([id]) => id)
  return [...bySecret]
    .map(([id, all]): ReadSecret => {
      const known = all.flatMap(([, version]) => opened.get(version)?.overview ?? [])
      const today = shown.get(id)?.row.overview
      const name = (today ?? known.at(-1))?.name ?? id
      if (today === undefined) return { id, name, now: 'deleted' }
      // of a version that cannot be read any more only the time tells
      const tellable = known.length === all.length || Number(today.rotated_at) > untilMs
      const same = known.some(({ rotated_at }) => rotated_at === today.rotated_at)
      return { id, name, now: tellable && !same ? 'replaced' : 'left' }
    })
    .sort((a, b) => a.name.localeCompare(b.name))
}
