"""Every question about other people."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Person:
    """Someone, by the certificate that they registered."""

    user_id: UUID
    idcert: bytes


FIND = """
    SELECT user_id, idcert
      FROM users
      JOIN identities USING (user_id)
     WHERE email = %(email)s
"""


def find(conn: Connection, email: str) -> Person:
    return db.one(conn, Person, FIND, email=email)


GET = """
    SELECT user_id, idcert
      FROM identities
     WHERE user_id = %(user_id)s
"""


def get(conn: Connection, user_id: UUID) -> Person:
    return db.one(conn, Person, GET, user_id=user_id)
