"""What there is about an address before anybody proves anything."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """The key of decoys, and id and salt: of nobody where the address is not *known*."""

    decoy_key: bytes
    known: bool
    user_id: UUID
    salt: bytes


# A row has the same columns, of the same length, whether there is an account or not: 12 µs of
# reading it told them apart in 10,000 pairs.
ASKED = """
    SELECT installation.decoy_key, users.user_id IS NOT NULL AS known,
           coalesce(users.user_id, '00000000-0000-4000-8000-000000000000') AS user_id,
           coalesce(users.salt, decode(repeat('00', 16), 'hex')) AS salt
      FROM installation
      LEFT JOIN users ON users.email = %(email)s
"""


def asked(conn: Connection, email: str) -> Asked:
    """Return a row for every address."""
    return db.one(conn, Asked, ASKED, email=email)
