/** What is due in all vaults, and whether letters about it are wanted. */
import { toCoreError } from './failures.ts'
import { settleDays } from './days.ts'
import { type Due, due, reminderDay } from './expiry.ts'
import type { Holder } from './holder.ts'
import type { Row, Vault } from './types.ts'
import type { Troubled } from './vaults.ts'
import type { Contents } from './contents.ts'

/** A secret that is due, where it is, and the day on which people hear of it. */
export type DueRow = { vaultId: string; vault: string; row: Row; due: Due; reminder: string | null }

/** What is due; `untold` are the vaults whose days the server may have otherwise. */
export type Calendar = { rows: DueRow[]; untold: string[]; troubled: Troubled[] }

/** Days and letters of the open account. */
export class Reminders {
  readonly #holder: Holder

  constructor(holder: Holder) {
    this.#holder = holder
  }

  /** What is due in every vault, the first day first; the server's days are put right. */
  async due(): Promise<Calendar> {
    const { vaults: listed, troubled } = await this.#holder.vaults.look()
    const found: Calendar = { rows: [], untold: [], troubled: [...troubled] }
    for (const vault of listed) {
      try {
        await this.#holder.vaults.write(vault.id, async ({ contents }) => {
          await contents.refresh()
          found.rows.push(...dueIn(vault, contents))
          if (vault.role !== 'viewer' && !(await this.#settled(contents))) {
            found.untold.push(vault.name)
          }
        })
      } catch (ex) {
        const { code, message } = toCoreError(ex)
        found.troubled.push({ id: vault.id, code, message })
      }
    }
    found.rows.sort(earlier)
    return found
  }

  /** Says whether one wants letters about reminders. */
  async switch(on: boolean): Promise<void> {
    await this.#holder.context.http.patch('/api/account/profile', { reminders: on })
  }

  async #settled(contents: Contents): Promise<boolean> {
    return settleDays(this.#holder.context.http, contents).then(
      () => true,
      () => false
    )
  }
}

function dueIn({ id: vaultId, name: vault }: Vault, { shown }: Contents): DueRow[] {
  return [...shown.values()].flatMap(({ row }) => {
    const found = due(row.overview)
    if (found === null) return []
    return [{ vaultId, vault, row, due: found, reminder: reminderDay(row.overview) }]
  })
}

function earlier(a: DueRow, b: DueRow): number {
  const key = ({ due, vault, row }: DueRow): string[] => {
    return [due.day, vault, row.overview.path, row.overview.name]
  }
  const [one, other] = [key(a), key(b)]
  const at = one.findIndex((text, index) => text !== other[index])
  return at < 0 ? 0 : (one[at] ?? '') < (other[at] ?? '') ? -1 : 1
}
