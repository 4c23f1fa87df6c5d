"""Every question about a person's own account, and its end."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Profile:
    """What the server knows about somebody; a machine has no address and none of what follows."""

    user_id: UUID
    email: str | None
    created_at: datetime
    suite: int
    salt: bytes | None
    keyset: int
    idcert: bytes
    recovery_code_at: datetime | None
    reminders: bool
    second_factor: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery that somebody has begun."""

    begun_at: datetime
    ready_at: datetime
    device: str
    address: str


@dataclass(frozen=True, slots=True)
class Removal:
    """The vaults that stand in the way; null where the account is gone."""

    shared: list[UUID] | None


GET = """
    SELECT user_id, email, created_at, suite, salt, keyset, idcert, recovery_code_at,
           reminders,
           EXISTS (SELECT FROM passkeys WHERE passkeys.user_id = users.user_id)
        OR EXISTS (SELECT
                     FROM totp
                    WHERE totp.user_id = users.user_id
                      AND confirmed_at IS NOT NULL) AS second_factor
      FROM users
      JOIN identities USING (user_id)
      LEFT JOIN credentials USING (user_id)
     WHERE user_id = %(user_id)s
"""


def get(conn: Connection, user_id: UUID) -> Profile:
    return db.one(conn, Profile, GET, user_id=user_id)


RECOVERY = """
    SELECT begun_at, ready_at, device, address
      FROM recoveries
     WHERE user_id = %(user_id)s
       AND expires_at > now()
"""


def recovery(conn: Connection, user_id: UUID) -> Recovery | None:
    """Return the recovery that runs."""
    return db.maybe(conn, Recovery, RECOVERY, user_id=user_id)


SWITCH = """
    UPDATE users
       SET reminders = %(reminders)s
     WHERE user_id = %(user_id)s
"""


def switch(conn: Connection, user_id: UUID, *, reminders: bool) -> None:
    """Say whether somebody wants letters about reminders."""
    db.run(conn, SWITCH, user_id=user_id, reminders=reminders)


REMOVE = """
    SELECT delete_own_account(%(request_id)s) AS shared
"""


def remove(conn: Connection, request_id: UUID) -> list[UUID]:
    """Delete the asker's account and all that is its own, or return the vaults of others, too."""
    return db.one(conn, Removal, REMOVE, request_id=request_id).shared or []
