/** How the server of the tests says no. */
export type Any = Record<string, unknown>

/** A problem, by its status and the last part of its type. */
export class Refusal extends Error {
  readonly status: number
  readonly more: Any

  constructor(status: number, slug: string, more: Any = {}) {
    super(slug)
    this.status = status
    this.more = more
  }
}
