/** Certificates by their hash: the roster says which one counts, anyone may bring it. */
import { b64, type Bytes } from './bytes.ts'
import type { Commit } from './commits.ts'
import { Forbidden, Unsigned } from './errors.ts'
import { sha256 } from './hashes.ts'
import { type IdCert, parseKnownIdcert } from './identity.ts'
import type { Member } from './roster.ts'
import type { State } from './state.ts'

/** The certificates of one vault's people. */
export class Certificates {
  readonly #raw = new Map<string, Bytes>()
  readonly #checked = new Map<string, Promise<IdCert>>()

  /** Keeps a certificate; it is checked when it is first needed. */
  async add(raw: Bytes): Promise<void> {
    this.#raw.set(b64(await sha256(raw)), raw)
  }

  /** Keeps the certificates that a commit brings. */
  async addFrom(commit: Commit): Promise<void> {
    for (const op of commit.ops) if ('idcert' in op) await this.add(op.idcert)
  }

  /** The certificate that must have signed a commit, by the roster before it. */
  authorOf(commit: Commit, state: State): Promise<IdCert> {
    const [first] = commit.ops
    if (first?.op === 'genesis' || first?.op === 'join') return this.#ownOf(first.idcert)
    const member = state.member(commit.authorId)
    if (member === undefined) throw new Forbidden('a stranger')
    return this.#find(member.idcertHash)
  }

  /** The certificate of a member, as the roster names it. */
  of(member: Member): Promise<IdCert> {
    return this.#find(member.idcertHash)
  }

  async #ownOf(raw: Bytes): Promise<IdCert> {
    return this.#find(await sha256(raw))
  }

  #find(hash: Bytes): Promise<IdCert> {
    const name = b64(hash)
    const raw = this.#raw.get(name)
    if (raw === undefined) throw new Unsigned('no certificate')
    const checked = this.#checked.get(name) ?? parseKnownIdcert(raw, hash)
    this.#checked.set(name, checked)
    return checked
  }
}
