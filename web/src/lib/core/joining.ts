/** Answering an invitation: by the secret of its link, which the server never sees. */
import { checkStored } from '../api/answers.ts'
import { Problem } from '../api/http.ts'
import { readOffer } from '../api/sharing.ts'
import { b64, type Bytes, equal, unb64 } from '../crypto/bytes.ts'
import { Altered, Broken } from '../crypto/errors.ts'
import { sha256 } from '../crypto/hashes.ts'
import {
  deriveInvitation,
  type Invitation,
  type InvitationKeys,
  LINK_SECRET,
  openInvitation,
  signJoin
} from '../crypto/invitations.ts'
import type { Role } from '../crypto/ops.ts'
import { makePin } from '../crypto/pins.ts'
import { VaultBox } from './box.ts'
import { isLost } from './changes.ts'
import { CoreError } from './errors.ts'
import { History } from './history.ts'
import type { Holder } from './holder.ts'
import { readProfile } from './items.ts'
import { signNext } from './signing.ts'

const TRIES = 12

/** What a link leads to, verified; the inviter's address is as they gave it. */
export type Offer = {
  vaultId: string
  name: string
  description: string
  icon: string
  role: Role
  email: string
  expiresMs: number
  members: number
  /** Whether the reader is in the vault already. */
  already: boolean
}

type Opened = {
  link: InvitationKeys
  invitation: Invitation
  history: History
  buckets: Bytes
  offer: Offer
}

/** The invitations that this account answers. */
export class Joining {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** Opens and verifies what the secret of a link leads to; nothing is changed by that. */
  async look(secret: string): Promise<Offer> {
    return (await this.#open(secret)).offer
  }

  /** Joins the vault of a link: the answer of a yes, and of nothing else. */
  async accept(secret: string): Promise<string> {
    for (let left = TRIES; ; left--) {
      const opened = await this.#open(secret)
      const { vaultId } = opened.offer
      if (opened.offer.already) return vaultId
      await this.#keep(opened)
      try {
        await this.#send(opened)
        return vaultId
      } catch (ex) {
        if (!(ex instanceof Problem && ex.slug === 'stale-head' && left > 1)) throw ex
      }
    }
  }

  async #open(secret: string): Promise<Opened> {
    const { http, keys } = this.#holder.context
    const link = await deriveInvitation(checkedSecret(secret))
    const path = `/api/account/invitations/${link.inviteId}`
    const offered = readOffer(await http.get(path).catch(over))
    const { vaultId, profile, buckets } = offered
    const invitation = await openInvitation(link, vaultId, offered.blob)
    const history = new History(http, vaultId, invitation.pin, `${path}/commits`)
    for (const idcert of offered.idcerts) await history.certificates.add(idcert)
    await history.follow(offered.head)
    const { roster, invites, profile: named } = history.state.parts
    const already = roster.has(keys.userId)
    if (!already && !invites.has(link.inviteId)) throw new CoreError('link-over')
    if (!already && (await this.#isMounted(vaultId))) {
      throw new CoreError('refused', 'another history of a vault that one is of')
    }
    const same = named?.epoch === profile.epoch && named.seq === profile.seq
    if (!same || !equal(await sha256(profile.blob), named.blobHash)) {
      throw new Altered('another profile')
    }
    const box = new VaultBox(vaultId, invitation.keys)
    const about = readProfile(await box.openProfile(profile.epoch, profile.seq, profile.blob))
    const { role, email } = invitation
    const expiresMs = Number(invitation.expiresMs)
    const offer = { vaultId, ...about, role, email, expiresMs, members: roster.size, already }
    return { link, invitation, history, buckets, offer }
  }

  /** Whether one is of the vault, by one's own memory; who was taken out of it hears that first. */
  async #isMounted(vaultId: string): Promise<boolean> {
    const { context, vaults } = this.#holder
    const mounted = (): boolean => {
      const { keyring } = context.keeper
      return keyring.pin(vaultId) !== null && !keyring.hasLeft(vaultId)
    }
    if (mounted()) await vaults.look()
    return mounted()
  }

  /** The keys are in the saved keyring before the answer is sent; the vault is not one's own yet. */
  async #keep({ invitation, history }: Opened): Promise<void> {
    const { keeper } = this.#holder.context
    const { vaultId, inviter, email, keys } = invitation
    for (const [epoch, key] of keys) keeper.keyring.addVaultKey(vaultId, epoch, key)
    keeper.keyring.raisePin(vaultId, makePin(history.state))
    keeper.keyring.setLeft(vaultId, true)
    await keeper.keyring.people.know({ idcert: inviter, verified: 'link', email })
    await keeper.save()
  }

  async #send({ link, history, buckets }: Opened): Promise<void> {
    const { http, keys, keeper } = this.#holder.context
    const { vaultId, state } = history
    const idcert = keys.idcert.raw
    const signature = await signJoin(link, vaultId, idcert)
    const op = { op: 'join', inviteId: link.inviteId, idcert, signature } as const
    const { commit, pin } = await signNext(keys, state, [op], buckets)
    const body = { commit: b64(commit.raw), signature: b64(commit.signature) }
    const path = `/api/account/invitations/${link.inviteId}`
    const answer = await http.post(path, body).catch((ex: unknown) => {
      // the same answer twice is taken once, so a lost one may be sent again
      if (isLost(ex)) return http.post(path, body)
      throw ex
    })
    checkStored(answer, commit.seq, b64(commit.hash))
    keeper.keyring.raisePin(vaultId, pin)
    keeper.keyring.setLeft(vaultId, false)
    this.#holder.vaults.forget(vaultId)
    await keeper.save()
  }
}

function checkedSecret(secret: string): Bytes {
  try {
    return unb64(secret, LINK_SECRET)
  } catch (ex) {
    if (!(ex instanceof Broken)) throw ex
    throw new CoreError('mistyped', 'not a link', { field: 'link' })
  }
}

/** Unknown, used, cancelled and expired are one answer. */
function over(ex: unknown): never {
  throw ex instanceof Problem && ex.status === 404 ? new CoreError('link-over') : ex
}
