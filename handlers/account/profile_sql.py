"""Every question about a person's own account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Profile:
    """What the server knows about a person without a key."""

    user_id: UUID
    email: str
    created_at: datetime
    suite: int
    salt: bytes
    keyset: int
    idcert: bytes


GET = """
    SELECT user_id, email, created_at, suite, salt, keyset, idcert
      FROM users
      JOIN identities USING (user_id)
     WHERE user_id = %(user_id)s
"""


def get(conn: Connection, user_id: UUID) -> Profile:
    return db.one(conn, Profile, GET, user_id=user_id)
