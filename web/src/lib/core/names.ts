/** What people of a vault are called: by one's own keyring, or else as the server says. */
import { type SaidMember, readMembers } from '../api/sharing.ts'
import { readMachines } from '../api/machine-tokens.ts'
import type { Context } from './context.ts'

/** How somebody is called, and who says so; `nobody` where only the id is known. */
export type Name = { text: string; by: 'you' | 'keyring' | 'server' | 'nobody' }

/** The names of everybody who is asked for, by user id. */
export async function namesOf(
  context: Context,
  vaultId: string,
  ids: Iterable<string>
): Promise<Record<string, Name>> {
  const wanted = new Set(ids)
  const known = [...wanted].map((id) => [id, ownName(context, id)] as const)
  const unknown = known.some(([, name]) => name === null)
  const said = unknown ? await saidNames(context, vaultId, wanted) : new Map<string, Name>()
  return Object.fromEntries(
    known.map(([id, name]) => [id, name ?? said.get(id) ?? { text: '', by: 'nobody' as const }])
  )
}

function ownName({ keys, keeper }: Context, id: string): Name | null {
  if (id === keys.userId) return { text: keys.email, by: 'you' }
  const email = keeper.keyring.people.find(id)?.email ?? ''
  return email === '' ? null : { text: email, by: 'keyring' }
}

async function saidNames(
  { http }: Context,
  vaultId: string,
  wanted: ReadonlySet<string>
): Promise<Map<string, Name>> {
  const members = readMembers(await http.get(`/api/account/vaults/${vaultId}/members`))
  const machine = ({ userId, machine }: SaidMember): boolean => machine && wanted.has(userId)
  const own = members.some(machine)
    ? readMachines(await http.get('/api/account/machine-tokens'))
    : []
  const names = new Map<string, Name>()
  for (const { userId, email, machine } of members) {
    const token = own.find(({ id }) => id === userId)
    const text = machine ? `machine ${token?.name ?? ''}`.trim() : email
    if (text !== null) names.set(userId, { text, by: 'server' })
  }
  return names
}
