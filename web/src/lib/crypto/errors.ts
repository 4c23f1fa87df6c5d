/** The two failures of the format, and the two that a writer may mend. */

/** Something is not what it must be; there is no hint of which check failed. */
export class Broken extends Error {
  override name = 'Broken'
  constructor(message = 'broken') {
    super(message)
  }
}

/** The author of a commit may not do what it says. */
export class Forbidden extends Broken {
  override name = 'Forbidden'
}

/** A commit does not follow the head: another one came first. */
export class Stale extends Broken {
  override name = 'Stale'
}

/** What was shown is older than what is known, or another history of it. */
export class Rollback extends Broken {
  override name = 'Rollback'
}

/** A typed-in account key or recovery code holds a slip; found without the server. */
export class Mistyped extends Error {
  override name = 'Mistyped'
}
