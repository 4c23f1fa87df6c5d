"""Every statement over ``keyrings`` but the first, which makes one at sign-up."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Keyring:
    """A person's sealed keyring."""

    revision: int
    blob: bytes


GET = """
    SELECT revision, blob
      FROM keyrings
     WHERE user_id = %(user_id)s
"""


def get(conn: Connection, user_id: UUID) -> Keyring:
    return db.one(conn, Keyring, GET, user_id=user_id)


REPLACE = """
    UPDATE keyrings
       SET revision = revision + 1,
           blob = %(blob)s
     WHERE user_id = %(user_id)s
       AND revision = %(replaces)s
"""


def replace(conn: Connection, user_id: UUID, replaces: int, blob: bytes) -> bool:
    """Tell whether the revision *replaces* was still the current one."""
    return db.run(conn, REPLACE, user_id=user_id, replaces=replaces, blob=blob) == 1
