"""What the keys service does with ``links``: it keeps them for whoever made them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db, problems
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link as its maker sees it; no reads are left once it is burnt."""

    link_id: UUID
    reads_left: int
    created_at: datetime
    expires_at: datetime
    last_read_at: datetime | None


PAGE = """
    SELECT link_id, reads_left, created_at, expires_at, last_read_at
      FROM links
     WHERE user_id = %(user_id)s
       AND expires_at > now()
     ORDER BY created_at, link_id
"""


def page(conn: Connection, user_id: UUID) -> list[Link]:
    """Return somebody's links whose time is not over, the oldest first."""
    return db.many(conn, Link, PAGE, user_id=user_id)


ADD = """
    INSERT INTO links (link_id, user_id, blob, reads_left, expires_at)
    VALUES (%(link_id)s, %(user_id)s, %(blob)s, %(reads)s, %(expires_at)s)
        ON CONFLICT ON CONSTRAINT links_pkey DO NOTHING
    RETURNING link_id, reads_left, created_at, expires_at, last_read_at
"""


def add(
    conn: Connection, link_id: UUID, user_id: UUID, *, blob: bytes, reads: int, expires_at: datetime
) -> Link | None:
    """Add a link; None where the id is taken."""
    return db.maybe(
        conn,
        Link,
        ADD,
        link_id=link_id,
        user_id=user_id,
        blob=blob,
        reads=reads,
        expires_at=expires_at,
    )


REMOVE = """
    DELETE FROM links
     WHERE link_id = %(link_id)s
       AND user_id = %(user_id)s
       AND expires_at > now()
"""


def remove(conn: Connection, link_id: UUID, user_id: UUID) -> None:
    """Remove somebody's link, or raise NotFound."""
    if not db.run(conn, REMOVE, link_id=link_id, user_id=user_id):
        raise problems.NotFound
