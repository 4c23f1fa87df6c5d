/** Who had to hand over a vault's keys, and who came and changed, as its followed history says. */
import { b64, type Bytes } from '../crypto/bytes.ts'
import type { Commit } from '../crypto/commits.ts'
import { holderOf, type IdCert } from '../crypto/identity.ts'
import type { How, Role } from '../crypto/ops.ts'

/** A commit that shares come with: its author as they were then, and what it followed. */
export type Grant = { granter: IdCert; head: Bytes; epoch: bigint }

/** An admission: besides, as what and when. */
export type Admission = Grant & { role: Role; how: How; timeMs: number }

/** Somebody's answer to an invitation. */
export type Joined = { inviteId: string; idcert: Bytes }

/** What a history tells of grants: of no commit but those that were followed here. */
export class Grants {
  readonly #rotations = new Map<bigint, Grant>()
  readonly #admissions = new Map<string, Admission>()
  readonly #joiners = new Set<string>()
  /** Certificates in lines: each is signed by the one before it. */
  readonly #lines: string[][] = []
  #joined: Joined[] = []
  #rekeyed: Bytes[] = []

  /** Notes a commit that was verified; `epoch` is the one after it. */
  note(commit: Commit, author: IdCert, epoch: bigint): void {
    const grant = { granter: author, head: commit.prev, epoch }
    for (const op of commit.ops) {
      if ('idcert' in op) this.#draw(op.op === 'rekey' ? author : null, op.idcert)
      if (op.op === 'rotate') this.#rotations.set(op.epoch, grant)
      else if (op.op === 'add') {
        const { role, how } = op
        const admission = { ...grant, role, how, timeMs: Number(commit.timeMs) }
        this.#admissions.set(holderOf(op.idcert), admission)
      } else if (op.op === 'join') {
        this.#joiners.add(holderOf(op.idcert))
        this.#joined.push(op)
      } else if (op.op === 'rekey') this.#rekeyed.push(op.idcert)
    }
  }

  /** The change of key that began an epoch. */
  rotation(epoch: bigint): Grant | undefined {
    return this.#rotations.get(epoch)
  }

  /** How somebody was added, when that was last. */
  admission(userId: string): Admission | undefined {
    return this.#admissions.get(userId)
  }

  /** Whether both certificates are of one line of keys; the same name in both tells nothing. */
  areOne(one: IdCert, other: IdCert): boolean {
    const [first, second] = [b64(one.raw), b64(other.raw)]
    return first === second || this.#lines.some((line) => both(line, first, second))
  }

  /** Whether somebody joined by a link while the history was followed. */
  hasJoined(userId: string): boolean {
    return this.#joiners.has(userId)
  }

  /** Whoever joined by a link, or changed their keys, since the last call. */
  news(): { joined: Joined[]; rekeyed: Bytes[] } {
    const news = { joined: this.#joined, rekeyed: this.#rekeyed }
    this.#joined = []
    this.#rekeyed = []
    return news
  }

  #draw(before: IdCert | null, idcert: Bytes): void {
    const signer = before === null ? null : b64(before.raw)
    const line = this.#lines.findLast((known) => signer !== null && known.at(-1) === signer)
    if (line !== undefined) line.push(b64(idcert))
    else this.#lines.push(signer === null ? [b64(idcert)] : [signer, b64(idcert)])
  }
}

const both = (line: readonly string[], one: string, other: string): boolean =>
  line.includes(one) && line.includes(other)
