"""What the account service reads of ``audit_log``; every service only adds to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Row:
    """One deed."""

    audit_id: int
    at: datetime
    action: str
    vault_id: UUID | None
    object_ids: list[UUID]
    session_id: UUID | None
    address: str


PAGE = """
    SELECT audit_id, at, action, vault_id, object_ids, session_id, address
      FROM audit_log
     WHERE user_id = %(user_id)s
       AND (%(after)s::bigint = 0 OR audit_id < %(after)s::bigint)
     ORDER BY audit_id DESC
     LIMIT %(limit)s
"""


def page(conn: Connection, user_id: UUID, after: int, limit: int) -> list[Row]:
    """Return rows that are older than the row *after*, or the newest, the newest first."""
    return db.many(conn, Row, PAGE, user_id=user_id, after=after, limit=limit)
