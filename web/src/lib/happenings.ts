/** What happened in a vault, in words; names stand apart, for they are somebody's own. */
import type { Access, Change, Name, VaultLog } from './core/index.ts'
import { visible } from './visible.ts'

/** Words, and between them names. */
export type Piece = string | { name: string }

/** One thing that happened: signed by who did it, or noted by the server. */
export type Happening = {
  key: string
  atMs: number
  /** User id of who did it; null where nobody knows. */
  who: string | null
  pieces: Piece[]
  /** The number of the signed change. */
  seq: string | null
  address: string | null
}

/** What a reader wants to see. */
export type Which = 'all' | 'changes' | 'accesses'

/** How somebody is called in a sentence. */
export function called(name: Name | undefined, id: string): string {
  if (name?.by === 'you') return 'you'
  if (name === undefined || name.text === '') return `member ${id.slice(0, 8)}`
  return visible(name.text)
}

const ACTIONS: Record<string, string> = {
  'invitation.accepted': 'answered an invitation',
  'invitation.cancelled': 'cancelled an invitation',
  'invitation.created': 'made an invitation',
  'member.added': 'let in',
  'member.left': 'left',
  'member.removed': 'removed',
  'member.role_changed': 'changed the role of',
  'reminder.removed': 'ended the reminder of',
  'reminder.set': 'set the reminder of',
  'secret.exported': 'exported',
  'secret.purged': 'purged',
  'secret.read': 'read',
  'secret.used': 'ran a program with',
  'vault.changed': 'stored a change',
  'vault.created': 'made the vault',
  'vault.rotated': 'changed the key'
}

const STORING = /^(invitation|member|vault)\./
/** What the words say already: the vault, or whoever did it. */
const ALONE = /^(invitation|vault)\.|^member\.left$/

/** Everything that a reader wants, the newest first. */
export function happenings(log: VaultLog, which: Which): Happening[] {
  const changes = which === 'accesses' ? [] : log.changes.map((one) => ofChange(one, log))
  // what a signed change says needs not be said again; where it came from is among the accesses
  const wanted = ({ action }: Access): boolean => which === 'accesses' || !STORING.test(action)
  const accesses = which === 'changes' ? [] : log.accesses.filter(wanted)
  const all = [...changes, ...accesses.map((one) => ofAccess(one, log))]
  return all.reverse().sort((a, b) => b.atMs - a.atMs)
}

function ofChange(change: Change, log: VaultLog): Happening {
  const { seq, author, timeMs, deeds } = change
  const pieces = deeds.flatMap((deed, index): Piece[] => {
    const told = 'count' in deed ? ofSecrets(deed, log) : ofRoster(deed, log)
    return index === 0 ? told : ['; ', ...told]
  })
  return { key: `c${seq}`, atMs: timeMs, who: author, pieces, seq, address: null }
}

function ofSecrets(deed: Extract<Change['deeds'][number], { count: number }>, log: VaultLog) {
  return [`${deed.did} `, ...listed(deed.secretIds, deed.count, log)]
}

function ofRoster(
  deed: Exclude<Change['deeds'][number], { count: number }>,
  log: VaultLog
): Piece[] {
  const person = (id: string): Piece => ({ name: called(log.people[id], id) })
  switch (deed.did) {
    case 'created':
      return ['made the vault']
    case 'described':
      return ['set its name and look']
    case 'invited':
      return [`made an invitation for a new ${deed.role}`]
    case 'uninvited':
      return ['cancelled an invitation']
    case 'let-in':
      return ['let in ', person(deed.userId), ` as ${deed.role}`]
    case 'role':
      return ['made ', person(deed.userId), ` ${deed.role}`]
    case 'removed':
      return ['removed ', person(deed.userId)]
    case 'left':
      return ['left']
    case 'joined':
      return ['joined by a link']
    case 'rekeyed':
      return ['has new keys']
    case 'rotated':
      return ['changed the key of the vault']
  }
}

function ofAccess(access: Access, log: VaultLog): Happening {
  const { seq, atMs, action, userId, objectIds, count, address } = access
  const word = ACTIONS[action] ?? action
  const pieces: Piece[] =
    count === 0 || ALONE.test(action) ? [word] : [`${word} `, ...listed(objectIds, count, log)]
  return { key: `a${seq}`, atMs, who: userId, pieces, seq: null, address }
}

function listed(ids: string[], count: number, log: VaultLog): Piece[] {
  const named = ids.flatMap((id, index): Piece[] => {
    const between = index === 0 ? [] : [', ']
    return [...between, objectOf(id, log)]
  })
  return count > ids.length ? [...named, ` and ${count - ids.length} more`] : named
}

function objectOf(id: string, { secrets, people }: VaultLog): Piece {
  const secret = secrets[id]
  if (secret !== undefined && secret !== null) return { name: visible(secret) }
  if (secret === null) return 'a secret whose name is gone'
  const name = people[id]
  return name === undefined ? `${id.slice(0, 8)}` : { name: called(name, id) }
}
