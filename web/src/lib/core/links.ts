/** Sharing a vault by a link, which its people pass on themselves. */
import { b64, randomBytes } from '../crypto/bytes.ts'
import { deriveInvitation, LINK_SECRET } from '../crypto/invitations.ts'
import type { Role } from '../crypto/ops.ts'
import type { Holder } from './holder.ts'
import { RosterWriter } from './roster-writer.ts'

/** An invitation that is open, by the vault's own history. */
export type OpenInvitation = {
  inviteId: string
  role: Role
  expiresMs: number
  /** For whom, where this account made it and noted it. */
  email: string
  own: boolean
}

/** The invitations of vaults. */
export class Links {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /**
   * Makes an invitation.
   * @param email for whom, as a note to oneself, or empty
   * @returns the secret of the link: the server never sees it, and it is not kept
   */
  async make(
    vaultId: string,
    a: { role: Role; days: number; email: string }
  ): Promise<{ secret: string; expiresMs: number }> {
    const { context, vaults } = this.#holder
    const secret = randomBytes(LINK_SECRET)
    const link = await deriveInvitation(secret)
    const expires = Date.now() + a.days * 86_400_000
    const expiresMs = BigInt(expires)
    const { role } = a
    const { inviteId, publicKey: invitePk } = link
    const { email } = context.keys
    const { keyring } = context.keeper
    await vaults.write(vaultId, async ({ contents }) => {
      await new RosterWriter(context, contents).commit(() => ({
        ops: [{ op: 'invite', inviteId, invitePk, role, expiresMs }],
        invitation: { link, email, role, expiresMs }
      }))
      // the save that keeps the new pin keeps this, too
      keyring.setInvitation(inviteId, { vaultId, role, email: a.email.trim(), expiresMs })
    })
    return { secret: b64(secret), expiresMs: expires }
  }

  /** The invitations that are open, the soonest to end first. */
  list(vaultId: string): Promise<OpenInvitation[]> {
    return this.#holder.vaults.work(vaultId, async ({ contents }) => {
      await contents.refresh()
      const sent = this.#holder.context.keeper.keyring.invitations()
      return [...contents.history.state.parts.invites]
        .map(([inviteId, { role, expiresMs }]) => {
          const email = sent.get(inviteId)?.email ?? ''
          return { inviteId, role, expiresMs: Number(expiresMs), email, own: sent.has(inviteId) }
        })
        .sort((a, b) => a.expiresMs - b.expiresMs)
    })
  }

  /** Ends an invitation: its link opens nothing any more. */
  async revoke(vaultId: string, inviteId: string): Promise<void> {
    const { context, vaults } = this.#holder
    await vaults.write(vaultId, async ({ contents }) => {
      await new RosterWriter(context, contents).commit((state) =>
        state.parts.invites.has(inviteId) ? { ops: [{ op: 'uninvite', inviteId }] } : null
      )
      context.keeper.keyring.setInvitation(inviteId, null)
    })
  }
}
