/** A readable copy of everything that an account holds, made in this browser. */
import { type Http, Problem } from '../api/http.ts'
import { readSealedValues } from '../api/values.ts'
import { equal } from '../crypto/bytes.ts'
import { ObjectType } from '../crypto/encoding.ts'
import { sha256 } from '../crypto/hashes.ts'
import type { Json } from '../crypto/json.ts'
import type { Contents } from './contents.ts'
import { CoreError } from './errors.ts'
import type { Holder } from './holder.ts'
import type { Proven } from './proofs.ts'
import type { Told, Vault } from './types.ts'

/** The version of the form of a copy. */
const FORM = 1
/** So many secrets are asked for at once. */
const BATCH = 100

/** Copies to take away, for a fresh proof. */
export class Copies {
  readonly #holder: Holder
  readonly #proven: Proven

  constructor(holder: Holder, proven: Proven) {
    this.#holder = holder
    this.#proven = proven
  }

  /** Reads, verifies and opens everything; the text is JSON. */
  async make(onProgress: Told): Promise<string> {
    this.#proven.take()
    const account = await this.#holder.world.http.get('/api/account/data')
    const vaults = await this.#holder.vaults.together((all, listed) =>
      this.#readAll(all, listed, onProgress)
    )
    const made_at = new Date().toISOString()
    return JSON.stringify({ keyarc_export: FORM, made_at, account, vaults }, null, 2)
  }

  async #readAll(all: Contents[], listed: Vault[], onProgress: Told): Promise<object[]> {
    const vaults: object[] = []
    for (const contents of all) await contents.refresh()
    const total = all.reduce((sum, { shown }) => sum + shown.size, 0)
    let done = 0
    onProgress(done, total)
    for (const [index, contents] of all.entries()) {
      const secrets: object[] = []
      const ids = [...contents.shown.keys()]
      for (let at = 0; at < ids.length; at += BATCH) {
        const some = await this.#read(contents, ids.slice(at, at + BATCH))
        secrets.push(...some)
        onProgress((done += some.length), total)
      }
      const { id: vault_id, name, description, icon, role } = listed[index] ?? {}
      vaults.push({ vault_id, name, description, icon, role, secrets })
    }
    return vaults
  }

  async #read(contents: Contents, ids: string[]): Promise<object[]> {
    try {
      return await readForExport(this.#holder.world.http, contents, ids)
    } catch (ex) {
      const tooLarge = ex instanceof Problem && ex.slug === 'too-large' && ids.length > 1
      if (!tooLarge) throw ex
      const half = ids.length >> 1
      const first = await this.#read(contents, ids.slice(0, half))
      return [...first, ...(await this.#read(contents, ids.slice(half)))]
    }
  }
}

/** A secret as it leaves the vault: as readable JSON. */
export type Exported = { secret_id: string; version: string; overview: Json; details: Json }

/** Reads the values of secrets to take them away, which the log of the vault tells as such. */
export async function readForExport(
  http: Http,
  contents: Contents,
  ids: string[]
): Promise<Exported[]> {
  const path = `/api/keys/vaults/${contents.history.vaultId}/secrets/read`
  return openAll(contents, ids, await http.post(path, { secret_ids: ids, purpose: 'export' }))
}

/** Opens the values of secrets, if they are those that the vault's history names. */
async function openAll(contents: Contents, ids: string[], json: Json): Promise<Exported[]> {
  const values = new Map(readSealedValues(json).map((value) => [value.secretId, value]))
  const opened: Exported[] = []
  for (const id of ids) {
    const [value, entry] = [values.get(id), contents.history.state.secret(id)]
    const same =
      value !== undefined &&
      entry !== undefined &&
      value.version === entry.version &&
      value.epoch === entry.epoch &&
      equal(await sha256(value.details), entry.detailsHash)
    if (!same) throw new CoreError('stale', 'a secret was changed meanwhile')
    const { version } = value
    const overview = contents.shown.get(id)?.json ?? null
    const details = await contents.box.open(ObjectType.SECRET_DETAILS, value, value.details)
    opened.push({ secret_id: id, version: String(version), overview, details })
  }
  return opened
}
