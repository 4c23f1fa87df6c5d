/** What an open page notices when others change the vault that it shows. */
import { expect, test } from 'vitest'
import { Secrets } from '../../src/lib/state/secrets.svelte.ts'
import { Vaults } from '../../src/lib/state/vaults.svelte.ts'
import { idOf, Team } from '../core/team.ts'
import { details, overview } from '../core/world.ts'

function fail(): never {
  throw new Error('nobody has lost anything')
}

test('a look at the vault shows what was changed in it, one’s own role, too', async () => {
  const team = await Team.gather()
  await team.bobJoins()
  const { ann, bob, vault } = team
  const vaults = new Vaults(bob.core, fail)
  const role = vaults.giveRole.bind(vaults)
  const secrets = new Secrets(bob.core, role, fail, fail)
  await vaults.load()
  await secrets.open(vault)

  await secrets.refresh()
  expect([vaults.find(vault)?.role, secrets.changes]).toEqual(['member', 0])
  await ann.core.vaults.save(vault, null, overview('B'), details('b'))
  await ann.core.members.changeRole(vault, await idOf(bob), 'viewer')
  await secrets.refresh()

  expect([vaults.find(vault)?.role, secrets.changes]).toEqual(['viewer', 1])
  expect(secrets.rows.map((row) => row.overview.name)).toEqual(['A', 'B'])
})
