"""What the account service does with ``sessions``: it takes proofs up."""

from uuid import UUID

from shared import db
from shared.db import Connection

TAKE_PROOF = """
    UPDATE sessions
       SET proven_at = NULL
     WHERE session_id = %(session_id)s
       AND user_id = %(user_id)s
       AND proven_at > now() - interval '5 minutes'
"""


def take_proof(conn: Connection, session_id: UUID, user_id: UUID) -> bool:
    """Use the session's fresh proof up; tell whether there was one."""
    return db.run(conn, TAKE_PROOF, session_id=session_id, user_id=user_id) == 1
