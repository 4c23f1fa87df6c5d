/** The people whose keys a person has verified. */
import { equal } from './bytes.ts'
import { Rollback } from './errors.ts'
import { type IdCert, parseIdcert } from './identity.ts'
import type { Person } from './memories.ts'

/** People by their user id; what was made sure of is never made unsure. */
export class People {
  readonly #known = new Map<string, Person>()

  /** Everybody, by user id. */
  get all(): ReadonlyMap<string, Person> {
    return this.#known
  }

  /** A person whose keys are known. */
  find(userId: string): Person | undefined {
    return this.#known.get(userId)
  }

  /** Takes over a person as a keyring has them. */
  add(person: Person): void {
    this.#known.set(person.idcert.userId, person)
  }

  /**
   * Keeps a person's verified keys; known ones change only by a certificate that the old key
   * signed. Compared words stay compared words, and an address stays unless words were compared
   * for another: whoever sends a link, or holds one, may call themselves what they like.
   */
  async know({ idcert, verified, email }: Person): Promise<void> {
    const known = this.#known.get(idcert.userId)
    if (known !== undefined && !equal(known.idcert.raw, idcert.raw)) {
      await parseIdcert(idcert.raw, known.idcert)
    }
    const before = known?.email ?? ''
    this.add({
      idcert,
      verified: known?.verified === 'words' ? 'words' : verified,
      email: email === '' || (before !== '' && verified === 'link') ? before : email
    })
  }

  /**
   * Keeps somebody whose words were compared for these very keys, whatever they had. The address
   * goes with them: whoever went by it before is not known by it any more.
   */
  meet(idcert: IdCert, email: string): void {
    const known = this.#known.get(idcert.userId)
    if (known !== undefined && known.idcert.keyEpoch > idcert.keyEpoch) {
      throw new Rollback('older keys')
    }
    for (const other of this.#known.values()) {
      if (email !== '' && other.email === email) this.add({ ...other, email: '' })
    }
    this.add({ idcert, verified: 'words', email: email === '' ? (known?.email ?? '') : email })
  }

  /** Takes over what another device knows more of. */
  async merge(other: People): Promise<void> {
    for (const [id, theirs] of other.#known) {
      const mine = this.#known.get(id) ?? theirs
      const [here, there] = [mine.idcert.keyEpoch, theirs.idcert.keyEpoch]
      // of a key two steps on only the histories of vaults tell: the next of them brings it
      const idcert = there === here || there === here + 1n ? theirs.idcert : mine.idcert
      await this.know({ ...theirs, idcert, email: mine.email === '' ? theirs.email : mine.email })
    }
  }
}
