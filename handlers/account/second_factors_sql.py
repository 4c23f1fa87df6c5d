"""What second factors a person has, all kinds together."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Person:
    """Whose second factors they are, and the keyset that now holds."""

    email: str
    keyset: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each kind."""

    totp: int
    backup_codes: int
    passkeys: int

    @property
    def factors(self) -> int:
        """Without backup codes, which only stand in for one."""
        return self.totp + self.passkeys


HOLD = """
    SELECT email, keyset
      FROM users
     WHERE user_id = %(user_id)s
       FOR NO KEY UPDATE
"""


def hold(conn: Connection, user_id: UUID) -> Person:
    """Let nobody else change this person's second factors until the transaction ends."""
    return db.one(conn, Person, HOLD, user_id=user_id)


COUNT = """
    SELECT (SELECT count(*)
              FROM totp
             WHERE user_id = %(user_id)s
               AND confirmed_at IS NOT NULL) AS totp,
           (SELECT count(*)
              FROM backup_codes
             WHERE user_id = %(user_id)s
               AND used_at IS NULL) AS backup_codes,
           (SELECT count(*)
              FROM passkeys
             WHERE user_id = %(user_id)s) AS passkeys
"""


def count(conn: Connection, user_id: UUID) -> Counts:
    return db.one(conn, Counts, COUNT, user_id=user_id)
