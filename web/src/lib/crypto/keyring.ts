/** The keyring: a person's own memory of keys, of how far histories had come, and of people. */
import { b64, type Bytes, equal, idBytes, parseU64, u64, unb64, utf8 } from './bytes.ts'
import { ObjectType, SUITE } from './encoding.ts'
import { Broken, Fork, Rollback } from './errors.ts'
import { type IdCert, parseIdcert } from './identity.ts'
import { type Json, type JsonObject, strictJson } from './json.ts'
import type { How } from './ops.ts'
import { pinFromJson, pinToJson, type Pin } from './pins.ts'
import { open, seal } from './seal.ts'
import { asObject, asString, exactly, orNull } from './shape.ts'

/** What is known of one vault. */
type VaultMemory = { keys: Map<bigint, Bytes>; pin: Pin | null }

/** A person whose keys were verified, and how. */
export type Person = { idcert: IdCert; verified: How }

/** Keys, pins and people of one account. Pins and the smallest suite only rise. */
export class Keyring {
  #minSuite = SUITE
  readonly #vaults = new Map<string, VaultMemory>()
  readonly #people = new Map<string, Person>()
  #invitations: JsonObject = {}

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
    for (const [id, value] of Object.entries(asObject(json.vaults))) {
      keyring.#vaults.set(checkedId(id), readVault(value))
    }
    for (const [id, value] of Object.entries(asObject(json.people))) {
      keyring.#people.set(checkedId(id), await readPerson(id, value))
    }
    keyring.#invitations = asObject(json.invitations)
    return keyring
  }

  /** Seals the keyring for one revision. */
  seal(userKey: Bytes, userId: string, revision: bigint): Promise<Bytes> {
    return seal(userKey, ObjectType.KEYRING, [idBytes(userId), u64(revision)], this.encode())
  }

  /** The plaintext of the keyring. */
  encode(): Bytes {
    const vaults = [...this.#vaults].map(([id, { keys, pin }]) => [
      id,
      {
        keys: Object.fromEntries([...keys].map(([epoch, key]) => [String(epoch), b64(key)])),
        pin: pin === null ? null : pinToJson(pin)
      }
    ])
    const people = [...this.#people].map(([id, { idcert, verified }]) => [
      id,
      { idcert: b64(idcert.raw), verified }
    ])
    return utf8(
      JSON.stringify({
        ka: 1,
        min_suite: this.#minSuite,
        vaults: Object.fromEntries(vaults) as object,
        people: Object.fromEntries(people) as object,
        invitations: this.#invitations
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

  /** Keeps a vault key; another key for the same epoch is broken. */
  addVaultKey(vaultId: string, epoch: bigint, key: Bytes): void {
    const memory = this.#vaults.get(vaultId) ?? { keys: new Map<bigint, Bytes>(), pin: null }
    const known = memory.keys.get(epoch)
    if (known !== undefined && !equal(known, key)) throw new Broken('another vault key')
    memory.keys.set(epoch, key)
    this.#vaults.set(vaultId, memory)
  }

  /** How far a vault's history had come; null before its genesis is known. */
  pin(vaultId: string): Pin | null {
    return this.#vaults.get(vaultId)?.pin ?? null
  }

  /** Moves a pin forward and says whether it moved; a pin never falls, and never forks. */
  raisePin(vaultId: string, pin: Pin): boolean {
    const memory = this.#vaults.get(vaultId)
    if (memory === undefined) throw new Broken('unknown vault')
    const { head } = pin
    const known = memory.pin?.head
    if (known !== undefined && head.seq <= known.seq) {
      if (head.seq === known.seq && !equal(head.hash, known.hash)) throw new Fork('a fork')
      return false
    }
    memory.pin = pin
    return true
  }

  /** A person whose keys are known. */
  person(userId: string): Person | undefined {
    return this.#people.get(userId)
  }

  /** Keeps a person's verified keys. */
  setPerson(userId: string, person: Person): void {
    this.#people.set(userId, person)
  }

  /** Refuses this copy where it forgot, or changed, what an earlier one held for good. */
  checkFollows(earlier: Keyring): void {
    for (const [id, { keys, pin }] of earlier.#vaults) {
      const now = this.#vaults.get(id)
      for (const [epoch, key] of keys) {
        const kept = now?.keys.get(epoch)
        if (kept === undefined || !equal(kept, key)) throw new Rollback('a vault key is gone')
      }
      if (pin === null) continue
      const [head, before] = [now?.pin?.head, pin.head]
      const fell = head === undefined || head.seq < before.seq
      if (fell || (head.seq === before.seq && !equal(head.hash, before.hash))) {
        throw new Rollback('a pin fell')
      }
    }
  }

  /** Takes over what another copy of the same keyring knows and this one does not. */
  merge(other: Keyring): void {
    this.raiseMinSuite(other.#minSuite)
    for (const [id, { keys, pin }] of other.#vaults) {
      for (const [epoch, key] of keys) this.addVaultKey(id, epoch, key)
      if (pin !== null) this.raisePin(id, pin)
    }
    for (const [id, person] of other.#people) {
      if (!this.#people.has(id)) this.#people.set(id, person)
    }
    this.#invitations = { ...other.#invitations, ...this.#invitations }
  }
}

function checkedId(id: string): string {
  idBytes(id)
  return id
}

function readVault(value: Json): VaultMemory {
  const json = exactly(value, 'keys', 'pin')
  const keys = Object.entries(asObject(json.keys)).map(
    ([epoch, key]) => [parseU64(epoch), unb64(key, 32)] as const
  )
  if (keys.some(([epoch]) => epoch === 0n)) throw new Broken('no such epoch')
  return { keys: new Map(keys), pin: orNull(json.pin, pinFromJson) }
}

async function readPerson(id: string, value: Json): Promise<Person> {
  const json = exactly(value, 'idcert', 'verified')
  const verified = asString(json.verified)
  if (verified !== 'link' && verified !== 'words') throw new Broken('verified how')
  const idcert = await parseIdcert(unb64(json.idcert))
  if (idcert.userId !== id) throw new Broken('another person')
  return { idcert, verified }
}
