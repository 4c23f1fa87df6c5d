/** A vault that an adversary signs commit by commit, in whatever name they hold keys for. */
import type { Transport } from '../../src/lib/api/http.ts'
import { Identity } from '../../src/lib/crypto/account-keys.ts'
import { b64, type Bytes, idBytes, makeId, u64, utf8 } from '../../src/lib/crypto/bytes.ts'
import type { Commit } from '../../src/lib/crypto/commits.ts'
import { ObjectType } from '../../src/lib/crypto/encoding.ts'
import { sha256 } from '../../src/lib/crypto/hashes.ts'
import type { IdCert } from '../../src/lib/crypto/identity.ts'
import type { Op } from '../../src/lib/crypto/ops.ts'
import type { Pin } from '../../src/lib/crypto/pins.ts'
import { seal } from '../../src/lib/crypto/seal.ts'
import { share } from '../../src/lib/crypto/sharing.ts'
import { State } from '../../src/lib/crypto/state.ts'
import { makeVaultKey, vkCommit } from '../../src/lib/crypto/vault-keys.ts'
import type { Keys } from '../../src/lib/core/keys.ts'
import { signNext } from '../../src/lib/core/signing.ts'

/** Keys that say to be somebody's. */
export async function keysOf(userId: string): Promise<Keys> {
  const identity = await Identity.make(userId)
  const idcert = await identity.idcert()
  return { email: '', userId, userKey: new Uint8Array(32), identity, idcert }
}

/** The history of a vault of an adversary's making. */
export class Forged {
  readonly vaultId: string
  readonly state: State
  readonly commits: Commit[] = []
  readonly keys = new Map<bigint, Bytes>()
  profile: { epoch: string; seq: string; blob: string } = { epoch: '', seq: '', blob: '' }
  pin!: Pin

  constructor(vaultId = makeId()) {
    this.vaultId = vaultId
    this.state = State.empty(vaultId)
  }

  /** Begins it: the genesis, in the name of `author`. */
  async begin(author: Keys, name: string): Promise<object> {
    const op = { op: 'genesis', idcert: author.idcert.raw, suite: 1 } as const
    const vkCommitment = await this.#nextKey()
    const profile = await this.#named(name)
    const ops = [{ ...op, vkCommit: vkCommitment }, profile]
    return { ...(await this.sign(author, ops)), vault_id: this.vaultId, profile: this.profile.blob }
  }

  /** Changes its key. */
  async rotate(author: Keys, name: string): Promise<object> {
    const commitment = await this.#nextKey()
    const epoch = this.state.epoch + 1n
    return this.sign(author, [
      { op: 'rotate', epoch, vkCommit: commitment },
      await this.#named(name)
    ])
  }

  /** Signs what `author` does, with a share for whom it adds. */
  async sign(author: Keys, ops: Op[], added?: IdCert): Promise<object> {
    const { commit, pin } = await signNext(author, this.state, ops)
    await this.state.apply(commit, author.idcert)
    this.commits.push(commit)
    this.pin = pin
    const { raw, signature, prev: head } = commit
    const body = { commit: b64(raw), signature: b64(signature), invitations: [] }
    if (added === undefined) return { ...body, shares: [] }
    const { epoch } = this.state
    const about = { vaultId: this.vaultId, epoch, head }
    const sent = await share(author.identity, added, about, this.keys)
    return {
      ...body,
      shares: [
        {
          recipient_id: added.userId,
          epoch: String(epoch),
          head: b64(head),
          ciphertext: b64(sent.ciphertext),
          signature: b64(sent.signature)
        }
      ]
    }
  }

  get head(): object {
    const { seq, hash, state } = this.state.head
    return { seq: String(seq), hash: b64(hash), state: b64(state) }
  }

  async #nextKey(): Promise<Bytes> {
    const epoch = BigInt(this.keys.size) + 1n
    const key = makeVaultKey()
    this.keys.set(epoch, key)
    return vkCommit(key, this.vaultId, epoch)
  }

  async #named(name: string): Promise<Op> {
    const [epoch, seq] = [BigInt(this.keys.size), this.state.head.seq + 1n]
    const fields = [idBytes(this.vaultId), u64(epoch), u64(seq)]
    const plaintext = utf8(JSON.stringify({ name, description: '', icon: 'box' }))
    const key = this.keys.get(epoch) ?? makeVaultKey()
    const blob = await seal(key, ObjectType.VAULT_PROFILE, fields, plaintext)
    this.profile = { epoch: String(epoch), seq: String(seq), blob: b64(blob) }
    return { op: 'profile', epoch, blobHash: await sha256(blob) }
  }
}

/** Sends what was signed. */
export async function post(transport: Transport, path: string, body: object): Promise<void> {
  const { status } = await transport({ method: 'POST', path, body: JSON.stringify(body) })
  if (status !== 200) throw new Error(`refused with ${String(status)}`)
}
