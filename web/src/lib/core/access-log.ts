/** The access log of one vault, followed from where the keyring has pinned it. */
import { readAuditRows } from '../api/history.ts'
import type { Http } from '../api/http.ts'
import { type AuditRow, nextAuditHead, NO_ROWS } from '../crypto/audit.ts'
import { equal } from '../crypto/bytes.ts'
import { AuditBroken } from '../crypto/errors.ts'
import type { AuditPin } from '../crypto/memories.ts'

/** How far the log was followed; the rows themselves are kept once they were asked for. */
export class AccessLog {
  readonly #http: Http
  readonly #vaultId: string
  #head: AuditPin
  #rows: AuditRow[] | null = null

  constructor(http: Http, vaultId: string, pin: AuditPin | null) {
    this.#http = http
    this.#vaultId = vaultId
    this.#head = pin ?? NO_ROWS
    if (pin === null) this.#rows = []
  }

  get head(): AuditPin {
    return this.#head
  }

  /** Follows the rows to the head that came with a list, through what another device has seen. */
  async follow(claimed: AuditPin, seen: AuditPin | null): Promise<void> {
    if (seen !== null && seen.seq > this.#head.seq) await this.#follow(seen)
    if (claimed.seq < this.#head.seq) throw new AuditBroken('an older log')
    await this.#follow(claimed)
  }

  /** Refuses to stay where another device has seen more. */
  checkReached(seen: AuditPin | null): void {
    if (seen !== null && seen.seq > this.#head.seq) throw new AuditBroken('an older log')
  }

  /** Every row from the first one; all of them lead to where the log was pinned. */
  async all(): Promise<readonly AuditRow[]> {
    this.#rows ??= (await this.#read(NO_ROWS, this.#head)).rows
    return this.#rows
  }

  async #follow(end: AuditPin): Promise<void> {
    const { head, rows } = await this.#read(this.#head, end)
    this.#head = head
    this.#rows?.push(...rows)
  }

  async #read(from: AuditPin, to: AuditPin): Promise<{ head: AuditPin; rows: AuditRow[] }> {
    const rows: AuditRow[] = []
    let head = from
    while (head.seq < to.seq) {
      const path = `/api/keys/vaults/${this.#vaultId}/audit?after=${String(head.seq)}`
      const page = readAuditRows(await this.#http.get(path))
      if (page.length === 0) throw new AuditBroken('rows are missing')
      for (const row of page.slice(0, Number(to.seq - head.seq))) {
        head = await nextAuditHead(this.#vaultId, head, row)
        rows.push(row)
      }
    }
    if (!equal(head.hash, to.hash)) throw new AuditBroken('another log')
    return { head, rows }
  }
}
