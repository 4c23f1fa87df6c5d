"""What the account service does with ``recoveries``: it stops them."""

from uuid import UUID

from shared import db
from shared.db import Connection

STOP = """
    DELETE FROM recoveries
     WHERE user_id = %(user_id)s
"""


def stop(conn: Connection, user_id: UUID) -> bool:
    """End the recovery of somebody; tell whether there was one."""
    return db.run(conn, STOP, user_id=user_id) == 1
