/** The failures of the format; those of public data have a name, those of a seal have none. */

/** Something is not what it must be; there is no hint of which check failed. */
export class Broken extends Error {
  override name = 'Broken'
  constructor(message = 'broken') {
    super(message)
  }
}

/** A commit that no member has signed, or none who may do what it says. */
export class Unsigned extends Broken {
  override name = 'Unsigned'
}

/** The author of a commit may not do what it says. */
export class Forbidden extends Unsigned {
  override name = 'Forbidden'
}

/** A commit does not follow the head: another one came first. */
export class Stale extends Broken {
  override name = 'Stale'
}

/** What was shown is older than what is known. */
export class Rollback extends Broken {
  override name = 'Rollback'
}

/** Another history than the one that was verified here. */
export class Fork extends Broken {
  override name = 'Fork'
}

/** A list that is not what the head signs: dropped, twice, injected, resurrected. */
export class Altered extends Broken {
  override name = 'Altered'
}

/** Rows of the access log that do not continue what was seen of it. */
export class AuditBroken extends Broken {
  override name = 'AuditBroken'
}

/** The vault has another key by now, and one's own share of it has not come. */
export class KeyMissing extends Broken {
  override name = 'KeyMissing'
}

/** A typed-in account key or recovery code holds a slip; found without the server. */
export class Mistyped extends Error {
  override name = 'Mistyped'
}
