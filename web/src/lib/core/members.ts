/** The people of a vault: who they are, and every change of who they are. */
import { readFound, readMembers } from '../api/sharing.ts'
import { equal } from '../crypto/bytes.ts'
import { type IdCert, parseIdcert } from '../crypto/identity.ts'
import type { Person } from '../crypto/memories.ts'
import type { Op, Role } from '../crypto/ops.ts'
import type { State } from '../crypto/state.ts'
import { words } from '../crypto/words.ts'
import { isMore } from '../roles.ts'
import type { Contents } from './contents.ts'
import { CoreError } from './errors.ts'
import type { Holder } from './holder.ts'
import { checkedEmail } from './inputs.ts'
import { type MemberEntry, memberEntries } from './member-entries.ts'
import { memberships, shutOut } from './memberships.ts'
import { RosterWriter } from './roster-writer.ts'
import type { Told } from './types.ts'

export type { MemberEntry }

/** Someone by their address: only the words tell whether it is them. */
export type FoundPerson = {
  userId: string
  email: string
  words: string[]
  verified: 'link' | 'words' | null
}

/** The rosters of vaults. */
export class Members {
  readonly #holder: Holder
  /** Whom the directory named: nobody gets anything by that alone. */
  readonly #found = new Map<string, IdCert>()

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** Everybody of the vault's verified roster, owners first. */
  list(vaultId: string, told?: Told): Promise<MemberEntry[]> {
    return this.#holder.vaults.work(vaultId, async ({ contents }) => {
      await contents.refresh()
      const { http } = this.#holder.context
      const said = readMembers(await http.get(`/api/account/vaults/${vaultId}/members`))
      const past = memberships(await contents.archive.commits(told))
      return memberEntries(this.#holder.context, contents, said, past)
    })
  }

  /** One's own seven words, for whoever wants to be sure of these keys. */
  ownWords(): Promise<string[]> {
    return wordsOf(this.#holder.context.keys.idcert)
  }

  /** The seven words of a member, to compare out loud; they are those of the roster's key. */
  words(vaultId: string, userId: string): Promise<string[]> {
    return this.#holder.vaults.work(vaultId, async ({ contents }) =>
      wordsOf(await certificateOf(contents, userId))
    )
  }

  /** Notes that a member's words were compared. */
  compared(vaultId: string, userId: string, email: string, seen: string[]): Promise<void> {
    return this.#holder.vaults.work(vaultId, async ({ contents }) => {
      const idcert = await certificateOf(contents, userId)
      await this.#know(idcert, email, seen)
    })
  }

  /** The people who were made sure of. */
  known(): Promise<{ userId: string; email: string }[]> {
    const { people } = this.#holder.context.keeper.keyring
    return Promise.resolve([...people.all].map(([userId, { email }]) => ({ userId, email })))
  }

  /** Looks somebody up by their address. */
  async find(typed: string): Promise<FoundPerson> {
    const email = checkedEmail(typed)
    const { http, keeper, keys } = this.#holder.context
    const called = [...keeper.keyring.people.all.values()].filter((one) => one.email === email)
    const [known] = called
    // who calls themselves by another's address is neither
    if (known !== undefined && called.length === 1) return found(known.idcert, email, known)
    const path = `/api/account/people?email=${encodeURIComponent(email)}`
    const idcert = await parseIdcert(readFound(await http.get(path)))
    if (idcert.userId === keys.userId) throw new CoreError('mistyped', 'oneself', FIELD)
    this.#found.set(idcert.userId, idcert)
    // the server may put one known person in another's place: they are known by their own address
    return found(idcert, email, null)
  }

  /**
   * Adds somebody.
   * @param seen the words that were compared; none for who was made sure of before
   */
  async add(
    vaultId: string,
    a: { userId: string; email: string; role: Role; seen: string[] | null }
  ): Promise<void> {
    const { people } = this.#holder.context.keeper.keyring
    if (a.seen !== null) {
      const idcert = this.#found.get(a.userId)
      if (idcert === undefined) throw new CoreError('refused', 'looked up by nobody')
      await this.#know(idcert, a.email, a.seen)
    }
    const person = people.find(a.userId)
    if (person?.email !== a.email) throw new CoreError('refused', 'nobody has made sure of them')
    const { idcert, verified: how } = person
    await this.#change(vaultId, (writer) =>
      writer.commit(() => ({
        ops: [{ op: 'add', idcert: idcert.raw, role: a.role, how }],
        added: idcert
      }))
    )
  }

  /** Gives a member another role; a higher one only to somebody who was made sure of. */
  changeRole(vaultId: string, userId: string, role: Role): Promise<void> {
    return this.#change(vaultId, (writer) =>
      writer.commit((state) => {
        if (state.member(userId)?.role === role) return null
        this.#checkSure(state, userId, role)
        return { ops: [{ op: 'role', userId, role }] }
      })
    )
  }

  /** Hands a vault over: the other one is its owner then, and one's own role goes down to admin. */
  handOver(vaultId: string, userId: string): Promise<void> {
    const { keys } = this.#holder.context
    return this.#change(vaultId, (writer) =>
      writer.commit((state) => {
        this.#checkSure(state, userId, 'owner')
        return {
          ops: [
            { op: 'role', userId, role: 'owner' },
            { op: 'role', userId: keys.userId, role: 'admin' }
          ]
        }
      })
    )
  }

  #checkSure(state: State, userId: string, role: Role): void {
    const { people } = this.#holder.context.keeper.keyring
    const [member, person] = [state.member(userId), people.find(userId)]
    if (member === undefined) throw new CoreError('refused', 'not a member')
    const sure = person !== undefined && equal(person.idcert.hash, member.idcertHash)
    if (!sure && userId !== this.#holder.context.keys.userId && isMore(role, member.role)) {
      throw new CoreError('refused', 'nobody has made sure of them')
    }
  }

  /** Removes somebody; the others get another key in the same commit. */
  remove(vaultId: string, userId: string): Promise<void> {
    return this.#shutOut(vaultId, userId)
  }

  /** Gives a vault another key: whoever left by themselves still has the one before. */
  rotate(vaultId: string): Promise<void> {
    return this.#shutOut(vaultId, null)
  }

  /** Changes the key, without the person and without the machines of people who do not stay. */
  async #shutOut(vaultId: string, userId: string | null): Promise<void> {
    const { context, vaults } = this.#holder
    await vaults.write(vaultId, async ({ contents }) => {
      await contents.refresh()
      const past = memberships(await contents.archive.commits())
      await new RosterWriter(context, contents).commit((state) => {
        const isIn = (id: string): boolean => state.member(id) !== undefined
        if (userId !== null && !isIn(userId)) return null
        return { ops: [...shutOut(past, userId, isIn)].map(removing), rotate: true }
      })
    })
  }

  async #change(vaultId: string, work: (writer: RosterWriter) => Promise<void>): Promise<void> {
    const { context, vaults } = this.#holder
    await vaults.write(vaultId, ({ contents }) => work(new RosterWriter(context, contents)))
  }

  async #know(idcert: IdCert, email: string, seen: string[]): Promise<void> {
    const { keeper } = this.#holder.context
    // the words that were compared are those of this key, and of no later one
    if ((await wordsOf(idcert)).join() !== seen.join()) throw new CoreError('stale', 'other words')
    keeper.keyring.people.meet(idcert, email)
    await keeper.save()
  }
}

const removing = (userId: string): Op => ({ op: 'remove', userId })

const FIELD = { field: 'email' }
function certificateOf({ history }: Contents, userId: string): Promise<IdCert> {
  const member = history.state.member(userId)
  if (member === undefined) throw new CoreError('refused', 'not a member')
  return history.certificates.of(member)
}

function wordsOf({ userId, edPk, xPk, keyEpoch }: IdCert): Promise<string[]> {
  return words(userId, edPk, xPk, keyEpoch)
}

async function found(idcert: IdCert, email: string, known: Person | null): Promise<FoundPerson> {
  const same = known !== null && equal(known.idcert.hash, idcert.hash)
  const verified = same ? known.verified : null
  return { userId: idcert.userId, email, words: await wordsOf(idcert), verified }
}
