"""Every statement over ``backup_codes`` but their use, which is a login's."""

from collections.abc import Sequence
from uuid import UUID

from shared import db
from shared.db import Connection

ADD = """
    INSERT INTO backup_codes (user_id, code_hash)
    SELECT %(user_id)s, code_hash
      FROM unnest(%(code_hashes)s::bytea[]) AS code_hash
"""


def add(conn: Connection, user_id: UUID, code_hashes: Sequence[bytes]) -> None:
    db.run(conn, ADD, user_id=user_id, code_hashes=list(code_hashes))


REMOVE = """
    DELETE FROM backup_codes
     WHERE user_id = %(user_id)s
"""


def remove(conn: Connection, user_id: UUID) -> None:
    """Remove them all, used or not."""
    db.run(conn, REMOVE, user_id=user_id)
