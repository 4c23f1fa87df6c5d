/** Writing to a vault's roster: one signed commit, with all that its people need after it. */
import { checkStored } from '../api/answers.ts'
import { Offline, Problem } from '../api/http.ts'
import { b64, type Bytes, equal } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import type { IdCert } from '../crypto/identity.ts'
import { type InvitationKeys, sealInvitation } from '../crypto/invitations.ts'
import type { Op, Role } from '../crypto/ops.ts'
import type { Pin } from '../crypto/pins.ts'
import { currentEpoch } from '../crypto/roster.ts'
import { sha256 } from '../crypto/hashes.ts'
import { share } from '../crypto/sharing.ts'
import type { State } from '../crypto/state.ts'
import { makeVaultKey, vkCommit } from '../crypto/vault-keys.ts'
import type { Contents } from './contents.ts'
import type { Context } from './context.ts'
import { epochsInUse } from './epochs.ts'
import { CoreError } from './errors.ts'
import { signNext } from './signing.ts'

const TRIES = 12

/** What a commit is to do, on the state that it will follow. */
export type Wish = {
  ops: Op[]
  /** Who is added: they get the keys. */
  added?: IdCert
  /** Another key for those who stay, and the profile under it. */
  rotate?: boolean
  invitation?: { link: InvitationKeys; email: string; role: Role; expiresMs: bigint }
}

type Made = { commit: Commit; body: object }

/** Writes roster commits of one vault. */
export class RosterWriter {
  readonly #context: Context
  readonly #contents: Contents
  #key: { epoch: bigint; key: Bytes } | null = null

  constructor(context: Context, contents: Contents) {
    this.#context = context
    this.#contents = contents
  }

  /** Signs and sends what `wish` makes of the newest state; null means that nothing is to do. */
  async commit(wish: (state: State) => Wish | null): Promise<void> {
    for (let tried = 0; tried < TRIES; tried++) {
      await this.#contents.refresh()
      const wanted = wish(this.#contents.history.state)
      if (wanted === null) return
      const made = await this.#make(wanted)
      if (await this.#send(made)) return this.#contents.history.take(made.commit)
      const { hash } = made.commit
      // the answer to an earlier attempt was lost, the commit was not
      if ((await this.#contents.refresh()).some((one) => equal(one.hash, hash))) return
    }
    throw new CoreError('stale', 'others keep writing')
  }

  async #make(wanted: Wish): Promise<Made> {
    const { history, box, profile: plaintext } = this.#contents
    const { state, vaultId } = history
    if (plaintext === null) throw new Error('the vault has no name yet')
    const ops = [...wanted.ops]
    let profile: Bytes | null = null
    if (wanted.rotate === true) {
      const epoch = state.epoch + 1n
      const commitment = await vkCommit(await this.#nextKey(epoch), vaultId, epoch)
      profile = await box.sealProfile(epoch, state.head.seq + 1n, plaintext)
      ops.push(
        { op: 'rotate', epoch, vkCommit: commitment },
        { op: 'profile', epoch, blobHash: await sha256(profile) }
      )
    }
    const { commit, pin } = await signNext(this.#context.keys, state, ops)
    const body = {
      commit: b64(commit.raw),
      signature: b64(commit.signature),
      profile: profile === null ? null : b64(profile),
      shares: await this.#shares(wanted, commit, pin),
      invitations: await this.#invitations(wanted, pin)
    }
    return { commit, body }
  }

  /** The next key is in the saved keyring before anything else is sent. */
  async #nextKey(epoch: bigint): Promise<Bytes> {
    const { keeper } = this.#context
    if (this.#key?.epoch !== epoch) {
      this.#key = { epoch, key: makeVaultKey() }
      keeper.keyring.addVaultKey(this.#contents.history.vaultId, epoch, this.#key.key)
      await keeper.save()
    }
    return this.#key.key
  }

  /** To everybody who needs a key: by the signed roster, and by nothing else. */
  async #shares(wanted: Wish, commit: Commit, pin: Pin): Promise<object[]> {
    const { keys } = this.#context
    const { certificates } = this.#contents.history
    const { roster } = pin.parts
    const added = wanted.added?.userId
    const to = [...roster.keys()].filter((id) =>
      wanted.rotate === true ? id !== keys.userId : id === added
    )
    const about = { vaultId: commit.vaultId, epoch: currentEpoch(pin.parts), head: commit.prev }
    const known = this.#keysInUse(pin)
    return Promise.all(
      to.map(async (recipientId) => {
        const member = roster.get(recipientId)
        if (member === undefined) throw new Error('not in the roster')
        const recipient =
          recipientId === added && wanted.added ? wanted.added : await certificates.of(member)
        const { ciphertext, signature } = await share(keys.identity, recipient, about, known)
        return {
          recipient_id: recipientId,
          epoch: String(about.epoch),
          head: b64(about.head),
          ciphertext: b64(ciphertext),
          signature: b64(signature)
        }
      })
    )
  }

  async #invitations({ invitation }: Wish, pin: Pin): Promise<object[]> {
    if (invitation === undefined) return []
    const { keys } = this.#context
    const { link, role, expiresMs } = invitation
    const blob = await sealInvitation(link, {
      vaultId: this.#contents.history.vaultId,
      inviter: keys.idcert,
      email: keys.email,
      role,
      expiresMs,
      pin,
      keys: this.#keysInUse(pin)
    })
    return [{ invite_id: link.inviteId, blob: b64(blob) }]
  }

  /** The keys that a reader needs of the state that will be. */
  #keysInUse({ parts }: Pin): Map<bigint, Bytes> {
    const { vaultId } = this.#contents.history
    const epochs = epochsInUse(this.#contents, parts)
    const known = this.#context.keeper.keyring.vaultKeys(vaultId)
    return new Map([...known].filter(([epoch]) => epochs.has(epoch)))
  }

  /** Whether it was stored; false when another commit came first. */
  async #send({ commit, body }: Made, again = true): Promise<boolean> {
    const path = `/api/account/vaults/${commit.vaultId}/commits`
    try {
      const answer = await this.#context.http.post(path, body)
      checkStored(answer, commit.seq, b64(commit.hash))
      return true
    } catch (ex) {
      if (ex instanceof Offline && again) return this.#send({ commit, body }, false)
      if (ex instanceof Problem && ex.slug === 'stale-head') return false
      throw ex
    }
  }
}
