/** Roles as they are named, and who may give them. */
import type { Role } from './core/index.ts'

/** Each role with what it may, from most to least. */
export const ROLES: Record<Role, { label: string; may: string }> = {
  owner: { label: 'Owner', may: 'everything, and decides on roles' },
  admin: { label: 'Admin', may: 'reads, writes, and lets members and viewers in and out' },
  member: { label: 'Member', may: 'reads and writes' },
  viewer: { label: 'Viewer', may: 'reads' }
}

/** Whether a role allows more than another. */
export function isMore(role: Role, than: Role): boolean {
  const order = Object.keys(ROLES)
  return order.indexOf(role) < order.indexOf(than)
}

/** The roles that somebody of a role may give, least first. */
export function givable(own: Role): Role[] {
  if (own === 'owner') return ['viewer', 'member', 'admin', 'owner']
  return own === 'admin' ? ['viewer', 'member'] : []
}
