/** The secrets of the vault that is open. */
import { explain, type Notice } from '../explain.ts'
import type {
  Core,
  Details,
  Head,
  Overview,
  Progress,
  Role,
  Row,
  Use,
  Written
} from '../core/index.ts'
import { CoreError } from '../core/errors.ts'
import { lines, matching, sorted } from './lines.ts'

/** Overviews of one vault, with search and folders; values are fetched one by one. */
export class Secrets {
  readonly #core: Core
  vaultId = $state('')
  rows = $state.raw<Row[]>([])
  head = $state.raw<Head | null>(null)
  progress = $state.raw<Progress | null>(null)
  failure = $state.raw<Notice | null>(null)
  /** Counts the times that the open vault was found changed. */
  changes = $state(0)
  query = $state('')
  folded = $state.raw<ReadonlySet<string>>(new Set())
  readonly shown = $derived(matching(this.rows, this.query))
  readonly lines = $derived(lines(this.shown, this.query === '' ? this.folded : new Set()))
  #turn = 0
  /** As they were before this reader looked. */
  #uses: Promise<Record<string, Use>> | null = null

  readonly #opened: (vaultId: string, role: Role) => void
  readonly #refused: () => void
  readonly #untold: () => void

  /**
   * @param opened hears the role that the reader turned out to have in a vault
   * @param refused hears that the server does not know the reader in the vault any more
   * @param untold hears that a change was kept, but the server was not told a reminder's day
   */
  constructor(
    core: Core,
    opened: (vaultId: string, role: Role) => void,
    refused: () => void,
    untold: () => void
  ) {
    this.#core = core
    this.#opened = opened
    this.#refused = refused
    this.#untold = untold
  }

  find(id: string): Row | undefined {
    return this.rows.find((row) => row.id === id)
  }

  /** Opens a vault; rows appear as they are decrypted. */
  async open(vaultId: string): Promise<void> {
    if (vaultId !== this.vaultId) this.clear()
    this.vaultId = vaultId
    await this.refresh()
  }

  /** Asks for what changed. */
  async refresh(): Promise<void> {
    const turn = ++this.#turn
    const first = this.head === null
    // before anything is looked at, for that is a use as well
    if (first) this.#askUses()
    const found = new Map<string, Row>()
    this.failure = null
    this.progress = { done: 0, total: 0 }
    try {
      const { head, role } = await this.#core.vaults.open(this.vaultId, (rows, progress) => {
        if (turn !== this.#turn) return
        for (const row of rows) found.set(row.id, row)
        this.progress = progress
        // sorting anew at each doubling keeps the whole work at twice that of one sorting
        if (first && found.size >= 2 * this.rows.length) this.rows = sorted(found.values())
      })
      if (turn !== this.#turn) return
      this.#opened(this.vaultId, role)
      this.rows = sorted(found.values())
      if (!first && head.seq !== this.head?.seq) {
        this.#askUses()
        this.changes += 1
      }
      this.head = head
    } catch (error) {
      if (turn !== this.#turn) return
      if (error instanceof CoreError && error.code === 'refused') this.#refused()
      const kept = first ? 'Nothing was changed.' : 'What you see is from before.'
      this.failure = explain(error, 'The vault did not load', kept)
    } finally {
      if (turn === this.#turn) this.progress = null
    }
  }

  details(id: string): Promise<Details> {
    return this.#core.vaults.details(this.vaultId, id)
  }

  /** @param seen the version that was edited: a newer one is not overwritten */
  async save(id: string | null, overview: Overview, details: Details, seen?: string): Promise<Row> {
    const { vaultId } = this
    return this.#take(vaultId, await this.#core.vaults.save(vaultId, id, overview, details, seen))
  }

  async remove(id: string): Promise<void> {
    const { vaultId } = this
    await this.#core.vaults.remove(vaultId, [id])
    if (vaultId === this.vaultId) this.#put(null, id)
  }

  /** Undoes a removal. */
  async restore(vaultId: string, id: string): Promise<void> {
    this.#take(vaultId, await this.#core.vaults.restore(vaultId, id))
  }

  /** Puts an earlier version on top; `seen` is the live one, or null of a deleted secret. */
  async putBack(vaultId: string, id: string, version: string, seen: string | null): Promise<void> {
    this.#take(vaultId, await this.#core.versions.restore(vaultId, id, version, seen))
  }

  /** When the values were last read before now; null where nobody ever did. */
  async lastUse(id: string): Promise<Use | null> {
    return (await this.#uses)?.[id] ?? null
  }

  fold(path: string): void {
    const folded = new Set(this.folded)
    if (!folded.delete(path)) folded.add(path)
    this.folded = folded
  }

  clear(): void {
    this.#turn += 1
    this.#uses = null
    this.vaultId = ''
    this.rows = []
    this.head = null
    this.progress = null
    this.failure = null
    this.query = ''
    this.folded = new Set()
  }

  #askUses(): void {
    this.#uses = this.#core.versions.uses(this.vaultId)
    // whoever wants to see them hears of a failure
    this.#uses.catch(() => undefined)
  }

  #take(vaultId: string, { told, ...row }: Written): Row {
    if (!told) this.#untold()
    if (vaultId === this.vaultId) this.#put(row)
    return row
  }

  #put(row: Row | null, id = row?.id): void {
    const others = this.rows.filter((other) => other.id !== id)
    this.rows = row === null ? others : sorted([...others, row])
    void this.refresh()
  }
}
