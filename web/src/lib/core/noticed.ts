/** What a followed history tells of people: who answered an invitation, who has new keys. */
import { readKeyring } from '../api/answers.ts'
import { Broken } from '../crypto/errors.ts'
import { parseIdcert } from '../crypto/identity.ts'
import type { Person, SentInvitation } from '../crypto/memories.ts'
import type { Context } from './context.ts'
import type { History } from './history.ts'
import { settleKeys } from './shares.ts'

/** Makes keys and people of the keyring what the followed history says; the next save keeps it. */
export async function settle(context: Context, history: History): Promise<void> {
  await settleKeys(context, history)
  await notice(context, history)
}

async function notice(context: Context, { grants, state, vaultId }: History): Promise<void> {
  const { joined, rekeyed } = grants.news()
  const { keyring } = context.keeper
  for (const { inviteId, idcert } of joined) {
    const sent = keyring.invitations().get(inviteId) ?? (await elsewhere(context, inviteId))
    if (sent?.vaultId !== vaultId) continue
    // whoever signed by the invitation's key had the link
    await learn(context, { ...sent, idcert: await parseIdcert(idcert), verified: 'link' })
  }
  for (const raw of rekeyed) {
    const idcert = await parseIdcert(raw)
    const known = keyring.people.find(idcert.userId)
    if (known !== undefined) await learn(context, { ...known, idcert })
  }
  const { invites } = state.parts
  for (const [id, sent] of [...keyring.invitations()]) {
    if (sent.vaultId === vaultId && !invites.has(id)) keyring.setInvitation(id, null)
  }
}

/** Somebody who comes with other keys than those known here stays as they are known. */
async function learn({ keeper }: Context, { idcert, verified, email }: Person): Promise<void> {
  await keeper.keyring.people.know({ idcert, verified, email }).catch((ex: unknown) => {
    if (!(ex instanceof Broken)) throw ex
  })
}

/** An invitation that another device of the same person made. */
async function elsewhere(
  { http, keeper }: Context,
  inviteId: string
): Promise<SentInvitation | undefined> {
  await keeper.take(readKeyring(await http.get('/api/account/keyring')))
  return keeper.keyring.invitations().get(inviteId)
}
