/** Who had to hand over a vault's keys, and who came and changed, as its followed history says. */
import type { Bytes } from '../crypto/bytes.ts'
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
  #joined: Joined[] = []
  #rekeyed: Bytes[] = []

  /** Notes a commit that was verified; `epoch` is the one after it. */
  note(commit: Commit, author: IdCert, epoch: bigint): void {
    const grant = { granter: author, head: commit.prev, epoch }
    for (const op of commit.ops) {
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
}
