/** The keyring: a person's own memory of keys, of how far histories had come, and of people. */
import { type Bytes, equal, idBytes, u64, utf8 } from './bytes.ts'
import { ObjectType, SUITE } from './encoding.ts'
import { AuditBroken, Broken, Fork, Rollback } from './errors.ts'
import { strictJson } from './json.ts'
import {
  type AuditPin,
  emptyMemory,
  entriesOf,
  fell,
  isCandidate,
  readPerson,
  readSent,
  readVault,
  type SentInvitation,
  type VaultMemory,
  writePerson,
  writeSent,
  writeVault,
  written
} from './memories.ts'
import { People } from './people.ts'
import type { Pin } from './pins.ts'
import { open, seal } from './seal.ts'
import { exactly } from './shape.ts'

/** How far the history and the access log of a vault were followed. */
type Followed = Pick<VaultMemory, 'pin' | 'audit'>

/** Keys, pins and people of one account. Pins and the smallest suite only rise. */
export class Keyring {
  #minSuite = SUITE
  readonly #vaults = new Map<string, VaultMemory>()
  readonly people = new People()
  /** How far this device itself had followed vaults that another device followed further. */
  readonly #anchors = new Map<string, Followed>()
  #invitations = new Map<string, SentInvitation>()

  /** Opens a sealed keyring. */
  static async open(
    userKey: Bytes,
    userId: string,
    revision: bigint,
    blob: Bytes
  ): Promise<Keyring> {
    const fields = [idBytes(userId), u64(revision)]
    return Keyring.parse(await open(userKey, ObjectType.KEYRING, fields, blob))
  }

  /** Reads the plaintext of a keyring. */
  static async parse(plaintext: Bytes): Promise<Keyring> {
    const json = exactly(
      strictJson(plaintext),
      'ka',
      'min_suite',
      'vaults',
      'people',
      'invitations'
    )
    if (json.ka !== 1) throw new Broken('unknown keyring')
    const keyring = new Keyring()
    // a keyring that asks for a later suite is for a later client
    if (json.min_suite !== SUITE) throw new Broken('unknown suite')
    for (const [id, value] of entriesOf(json.vaults)) keyring.#vaults.set(id, readVault(value))
    for (const [id, value] of entriesOf(json.people)) {
      keyring.people.add(await readPerson(id, value))
    }
    for (const [id, value] of entriesOf(json.invitations)) {
      keyring.#invitations.set(id, readSent(value))
    }
    return keyring
  }

  /** Seals the keyring for one revision. */
  seal(userKey: Bytes, userId: string, revision: bigint): Promise<Bytes> {
    return seal(userKey, ObjectType.KEYRING, [idBytes(userId), u64(revision)], this.encode())
  }

  /** The plaintext of the keyring. */
  encode(): Bytes {
    return utf8(
      JSON.stringify({
        ka: 1,
        min_suite: this.#minSuite,
        vaults: written(this.#vaults, writeVault),
        people: written(this.people.all, writePerson),
        invitations: written(this.#invitations, writeSent)
      })
    )
  }

  /** The smallest suite that is accepted. */
  get minSuite(): number {
    return this.#minSuite
  }

  /** Raises the smallest suite; beyond what is known here nothing may be opened. */
  raiseMinSuite(suite: number): void {
    if (suite > SUITE) throw new Broken('unknown suite')
    this.#minSuite = Math.max(this.#minSuite, suite)
  }

  /** The vaults whose keys are known. */
  vaultIds(): string[] {
    return [...this.#vaults.keys()]
  }

  /** The keys of a vault by epoch; none when the vault is unknown. */
  vaultKeys(vaultId: string): ReadonlyMap<bigint, Bytes> {
    return this.#vaults.get(vaultId)?.keys ?? new Map<bigint, Bytes>()
  }

  /** Keeps a vault key; once the pin has its epoch, another key for it is broken. */
  addVaultKey(vaultId: string, epoch: bigint, key: Bytes): void {
    const memory = this.#memory(vaultId)
    const known = isCandidate(memory, epoch) ? undefined : memory.keys.get(epoch)
    if (known !== undefined && !equal(known, key)) throw new Broken('another vault key')
    memory.keys.set(epoch, key)
  }

  /** Whether a key of this epoch may still be another. */
  isCandidate(vaultId: string, epoch: bigint): boolean {
    return isCandidate(this.#memory(vaultId), epoch)
  }

  /** Forgets a key that another one took the place of; only a candidate can be forgotten. */
  dropCandidate(vaultId: string, epoch: bigint): void {
    const memory = this.#memory(vaultId)
    if (!isCandidate(memory, epoch)) throw new Broken('another vault key')
    memory.keys.delete(epoch)
  }

  /** How far a vault's history had come; null before its genesis is known. */
  pin(vaultId: string): Pin | null {
    return this.#vaults.get(vaultId)?.pin ?? null
  }

  /** Moves a pin forward and says whether it moved; a pin never falls, and never forks. */
  raisePin(vaultId: string, pin: Pin): boolean {
    const memory = this.#vaults.get(vaultId)
    if (memory === undefined) throw new Broken('unknown vault')
    if (memory.pin === null || memory.pin.head.seq <= pin.head.seq) this.#anchors.delete(vaultId)
    return this.#raise(memory, pin)
  }

  /**
   * From where this device goes on: what it followed itself. Only so can it find that another
   * device was shown another history.
   */
  anchor(vaultId: string): Followed {
    return this.#anchors.get(vaultId) ?? this.#vaults.get(vaultId) ?? emptyMemory()
  }

  #raise(memory: VaultMemory, pin: Pin): boolean {
    const { head } = pin
    const known = memory.pin?.head
    if (known !== undefined && head.seq <= known.seq) {
      if (head.seq === known.seq && !equal(head.hash, known.hash)) throw new Fork('a fork')
      return false
    }
    memory.pin = pin
    return true
  }

  /** How far a vault's access log had come; null before any of it was followed. */
  auditPin(vaultId: string): AuditPin | null {
    return this.#vaults.get(vaultId)?.audit ?? null
  }

  /** Moves the pin of an access log forward and says whether it moved. */
  raiseAuditPin(vaultId: string, head: AuditPin): boolean {
    const memory = this.#memory(vaultId)
    const known = memory.audit
    if (known !== null && head.seq <= known.seq) {
      const forked = head.seq === known.seq && !equal(head.hash, known.hash)
      if (forked) throw new AuditBroken('another access log')
      return false
    }
    memory.audit = head
    return true
  }

  /** Whether the person is out of a vault, by their own will or another's. */
  hasLeft(vaultId: string): boolean {
    return this.#vaults.get(vaultId)?.left === true
  }

  /** Notes that the person is out of a vault, or in it again. */
  setLeft(vaultId: string, left: boolean): void {
    this.#memory(vaultId).left = left
  }

  /** The open invitations that this person made, by their id. */
  invitations(): ReadonlyMap<string, SentInvitation> {
    return this.#invitations
  }

  /** Keeps an invitation, or with null forgets it. */
  setInvitation(inviteId: string, invitation: SentInvitation | null): void {
    if (invitation === null) this.#invitations.delete(inviteId)
    else this.#invitations.set(inviteId, invitation)
  }

  /** Refuses this copy where it forgot, or changed, what an earlier one held for good. */
  checkFollows(earlier: Keyring): void {
    for (const [id, before] of earlier.#vaults) {
      const { keys, pin, audit } = before
      const now = this.#vaults.get(id)
      for (const [epoch, key] of keys) {
        if (isCandidate(before, epoch)) continue
        const kept = now?.keys.get(epoch)
        if (kept === undefined || !equal(kept, key)) throw new Rollback('a vault key is gone')
      }
      if (fell(pin?.head ?? null, now?.pin?.head ?? null)) throw new Rollback('a pin fell')
      if (fell(audit, now?.audit ?? null)) throw new Rollback('a pin of an access log fell')
      this.#stay(id, before)
    }
  }

  /** Takes over what another copy of the same keyring knows and this one does not. */
  async merge(other: Keyring): Promise<void> {
    this.raiseMinSuite(other.#minSuite)
    for (const [id, theirs] of other.#vaults) {
      const mine = this.#memory(id)
      for (const [epoch, key] of theirs.keys) {
        if (isCandidate(mine, epoch) || !isCandidate(theirs, epoch))
          this.addVaultKey(id, epoch, key)
      }
      const [here, there] = [mine.pin?.head.seq ?? 0n, theirs.pin?.head.seq ?? 0n]
      // whether a vault was left is what the higher pin knows
      mine.left = (mine.left && here >= there) || (theirs.left && there >= here)
      this.#stay(id, mine)
      if (theirs.pin !== null) this.#raise(mine, theirs.pin)
      if (theirs.audit !== null) this.raiseAuditPin(id, theirs.audit)
    }
    await this.people.merge(other.people)
    this.#invitations = new Map([...other.#invitations, ...this.#invitations])
  }

  /** Goes on from here, whatever another device has seen. */
  #stay(vaultId: string, { pin, audit }: Followed): void {
    if (pin !== null && !this.#anchors.has(vaultId)) this.#anchors.set(vaultId, { pin, audit })
  }

  #memory(vaultId: string): VaultMemory {
    const memory = this.#vaults.get(vaultId) ?? emptyMemory()
    this.#vaults.set(vaultId, memory)
    return memory
  }
}
