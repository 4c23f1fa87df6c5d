/** A verified roster as a reader is told of it. */
import type { SaidMember } from '../api/sharing.ts'
import { equal } from '../crypto/bytes.ts'
import type { Person } from '../crypto/memories.ts'
import type { Role } from '../crypto/ops.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import type { Membership } from './memberships.ts'

/** Someone of a vault's signed roster, as a reader is told of them. */
export type MemberEntry = {
  userId: string
  role: Role
  /** The address, and whether nobody but the server says that it is theirs. */
  email: string
  said: boolean
  /** Another address by which the server knows them, or ''. */
  called: string
  /** `you`, how their keys were made sure of, `machine`, or null for somebody never compared. */
  verified: 'you' | 'link' | 'words' | 'machine' | null
  /** Whether other keys were made sure of than those in the roster. */
  changed: boolean
  sinceMs: number
  /** Who let them in, as user id. */
  by: string
}

const ORDER: Record<Role, number> = { owner: 0, admin: 1, member: 2, viewer: 3 }

/** Everybody of a verified roster, owners first. */
export function memberEntries(
  context: Context,
  contents: Contents,
  said: SaidMember[],
  past: Membership[]
): MemberEntry[] {
  const { roster } = contents.history.state.parts
  const bySaid = new Map(said.map((one) => [one.userId, one]))
  return [...roster]
    .map(([userId, { role, idcertHash }]) => {
      const person = context.keeper.keyring.people.find(userId)
      const same = person !== undefined && equal(person.idcert.hash, idcertHash)
      const membership = past.findLast((one) => one.userId === userId && one.until === null)
      return {
        userId,
        role,
        ...addressOf(context, userId, person, bySaid.get(userId)),
        verified: verifiedOf(context, userId, same ? person : undefined, membership),
        changed: person !== undefined && !same,
        sinceMs: membership?.since.timeMs ?? NaN,
        by: membership?.by ?? ''
      }
    })
    .sort((a, b) => ORDER[a.role] - ORDER[b.role] || (a.email < b.email ? -1 : 1))
}

function addressOf(
  { keys }: Context,
  userId: string,
  person: Person | undefined,
  said: SaidMember | undefined
): { email: string; said: boolean; called: string } {
  const told = said?.email ?? ''
  if (userId === keys.userId) return { email: keys.email, said: false, called: '' }
  if (person === undefined || person.email === '') return { email: told, said: true, called: '' }
  const called = told.toLowerCase() === person.email.toLowerCase() ? '' : told
  return { email: person.email, said: false, called }
}

function verifiedOf(
  { keys }: Context,
  userId: string,
  person: Person | undefined,
  membership: Membership | undefined
): MemberEntry['verified'] {
  if (userId === keys.userId) return 'you'
  if (membership?.how === 'machine') return 'machine'
  return person?.verified ?? null
}
