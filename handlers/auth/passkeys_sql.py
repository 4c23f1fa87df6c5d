"""What auth asks of ``passkeys``, and how it notes their use."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey: whose it is, how its signatures are checked, and what it can open."""

    credential_id: bytes
    user_id: UUID
    public_key: bytes
    sign_count: int
    user_key: bytes | None
    keyset: int | None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkey it is."""

    user_id: UUID


OWNER = """
    SELECT user_id
      FROM passkeys
     WHERE credential_id = %(credential_id)s
"""


def owner(conn: Connection, credential_id: bytes) -> Owner | None:
    """Return whose passkey it is, if there is one."""
    return db.maybe(conn, Owner, OWNER, credential_id=credential_id)


# Locked, so that of two signatures with one count the second is refused.
HOLD = """
    SELECT credential_id, user_id, public_key, sign_count, user_key, keyset
      FROM passkeys
     WHERE credential_id = %(credential_id)s
       FOR NO KEY UPDATE
"""


def hold(conn: Connection, credential_id: bytes) -> Passkey | None:
    """Return a passkey, and hold it until the transaction ends."""
    return db.maybe(conn, Passkey, HOLD, credential_id=credential_id)


USE = """
    UPDATE passkeys
       SET sign_count = %(sign_count)s,
           last_used_at = now()
     WHERE credential_id = %(credential_id)s
"""


def use(conn: Connection, credential_id: bytes, sign_count: int) -> None:
    db.run(conn, USE, credential_id=credential_id, sign_count=sign_count)
