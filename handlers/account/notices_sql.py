"""Whom a notice goes to, and which of their devices it tells of."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person's address, and what they call the device that asks."""

    email: str
    device: str


RECIPIENT = """
    SELECT email, device
      FROM users
      JOIN sessions USING (user_id)
     WHERE session_id = %(session_id)s
"""


def recipient(conn: Connection, session_id: UUID) -> Recipient:
    return db.one(conn, Recipient, RECIPIENT, session_id=session_id)
