"""Every question about other people."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Person:
    """Someone, by the certificate that they registered."""

    user_id: UUID
    idcert: bytes


@dataclass(frozen=True, slots=True)
class Candidate(Person):
    """Someone whom others may add to a vault, and of how many they are already."""

    vaults: int


FIND = """
    SELECT user_id, idcert
      FROM person_by_email(%(email)s)
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


HOLD = """
    SELECT hold_people(%(user_ids)s)
"""


def hold(conn: Connection, user_ids: Sequence[UUID]) -> None:
    """Let none of these people leave or change their keys until the transaction ends."""
    db.run(conn, HOLD, user_ids=list(user_ids))


AMONG = """
    SELECT user_id, idcert, vaults
      FROM people_by_id(%(user_ids)s)
"""


def among(conn: Connection, user_ids: Sequence[UUID]) -> list[Candidate]:
    """Return those who are people, and not machines or nobody."""
    return db.many(conn, Candidate, AMONG, user_ids=list(user_ids))
