"""Every question about who is of a vault, or was."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the vault, or once of it."""

    user_id: UUID
    role: int | None
    email: str | None
    machine: bool
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """The commit that ended a membership."""

    removed_seq: int


# A machine may outlive its owner's account; then nobody but the roster knows of it. Whoever left
# and ended their account was a person or a machine: nobody knows.
OF = """
    SELECT user_id, role, email, joined_at,
           email IS NULL AND (role IS NOT NULL OR known IS NOT NULL) AS machine
      FROM vault_members
      LEFT JOIN (SELECT *, true AS known FROM fellows) AS fellows USING (vault_id, user_id)
     WHERE vault_id = %(vault_id)s
     ORDER BY role IS NULL, joined_at, user_id
"""


def of(conn: Connection, vault_id: UUID) -> list[Member]:
    """Return everyone of a vault in the order of joining, then whoever is gone."""
    return db.many(conn, Member, OF, vault_id=vault_id)


REMOVAL = """
    SELECT removed_seq
      FROM vault_members
     WHERE vault_id = %(vault_id)s
       AND user_id = %(user_id)s
       AND removed_seq IS NOT NULL
"""


def removal(conn: Connection, vault_id: UUID, user_id: UUID) -> Removal:
    """Return what ended somebody's membership; NotFound for members and for strangers."""
    return db.one(conn, Removal, REMOVAL, vault_id=vault_id, user_id=user_id)
