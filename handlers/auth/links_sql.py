"""What the auth service does with ``links``: it hands them out to whoever knows the id."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Offer:
    """What is told before somebody reads."""

    reads_left: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What a read gives, and whose link it was."""

    blob: bytes
    reads_left: int
    user_id: UUID


GET = """
    SELECT reads_left, expires_at
      FROM links
     WHERE link_id = %(link_id)s
       AND reads_left > 0
       AND expires_at > now()
"""


def get(conn: Connection, link_id: UUID) -> Offer:
    return db.one(conn, Offer, GET, link_id=link_id)


# Whoever comes second waits for the row, and then sees it as the first has left it.
TAKE = """
    WITH open AS (
        SELECT link_id, user_id, blob
          FROM links
         WHERE link_id = %(link_id)s
           AND reads_left > 0
           AND expires_at > now()
           FOR UPDATE
    )
    UPDATE links
       SET reads_left = reads_left - 1,
           blob = CASE WHEN reads_left > 1 THEN links.blob END,
           last_read_at = now()
      FROM open
     WHERE links.link_id = open.link_id
    RETURNING open.blob, reads_left, open.user_id
"""


def take(conn: Connection, link_id: UUID) -> Taken:
    """Take a read of a link; with the last one it is burnt."""
    return db.one(conn, Taken, TAKE, link_id=link_id)
