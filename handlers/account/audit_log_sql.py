"""What the account service reads of ``audit_log``; every service only adds to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Row:
    """One deed; *more* tells that there are older ones."""

    audit_id: int
    at: datetime
    action: str
    vault_id: UUID | None
    object_ids: list[UUID]
    session_id: UUID | None
    address: str
    more: bool


# The first row of a page always comes, however many objects it names; a row names up to 10,000.
PAGE = """
    SELECT audit_id, at, action, vault_id, object_ids, session_id, address, more
      FROM (SELECT *,
                   lead(audit_id) OVER newest IS NOT NULL AS more,
                   row_number() OVER newest AS place,
                   sum(cardinality(object_ids)) OVER newest AS named
              FROM (SELECT *
                      FROM audit_log
                     WHERE user_id = %(user_id)s
                       AND (%(after)s::bigint = 0 OR audit_id < %(after)s::bigint)
                     ORDER BY audit_id DESC
                     LIMIT %(limit)s + 1) AS found
            WINDOW newest AS (ORDER BY audit_id DESC)) AS told
     WHERE place <= %(limit)s
       AND (place = 1 OR named <= %(objects)s)
     ORDER BY audit_id DESC
"""


def page(
    conn: Connection,
    user_id: UUID,
    after: int,
    *,
    limit: int,
    objects: int,
) -> list[Row]:
    """Return rows that are older than the row *after*, or the newest, the newest first.

    They are at most *limit*, and name about *objects* together.
    """
    return db.many(conn, Row, PAGE, user_id=user_id, after=after, limit=limit, objects=objects)
