"""Every statement over ``passkeys`` but the use of one, which is a login's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its person knows it; what opens the account is null where nothing does."""

    credential_id: bytes
    name: str
    created_at: datetime
    last_used_at: datetime | None
    keyset: int | None
    user_key: bytes | None


LISTED = """
    SELECT credential_id, name, created_at, last_used_at, keyset, user_key
      FROM passkeys
     WHERE user_id = %(user_id)s
     ORDER BY created_at, credential_id
"""


def listed(conn: Connection, user_id: UUID) -> list[Passkey]:
    return db.many(conn, Passkey, LISTED, user_id=user_id)


ADD = """
    INSERT INTO passkeys (credential_id, user_id, name, public_key, sign_count)
    VALUES (%(credential_id)s, %(user_id)s, %(name)s, %(public_key)s, %(sign_count)s)
        ON CONFLICT DO NOTHING
"""


def add(
    conn: Connection,
    user_id: UUID,
    credential_id: bytes,
    *,
    name: str,
    public_key: bytes,
    sign_count: int,
) -> bool:
    """Tell whether nobody had it yet."""
    added = db.run(
        conn,
        ADD,
        credential_id=credential_id,
        user_id=user_id,
        name=name,
        public_key=public_key,
        sign_count=sign_count,
    )
    return added == 1


UNLOCK = """
    UPDATE passkeys
       SET user_key = %(user_key)s,
           keyset = %(keyset)s
     WHERE credential_id = %(credential_id)s
       AND user_id = %(user_id)s
"""


def unlock(
    conn: Connection, user_id: UUID, credential_id: bytes, *, keyset: int, user_key: bytes
) -> bool:
    """Keep what a passkey can open; tell whether the person has it."""
    changed = db.run(
        conn,
        UNLOCK,
        user_id=user_id,
        credential_id=credential_id,
        keyset=keyset,
        user_key=user_key,
    )
    return changed == 1


REMOVE = """
    DELETE FROM passkeys
     WHERE credential_id = %(credential_id)s
       AND user_id = %(user_id)s
"""


def remove(conn: Connection, user_id: UUID, credential_id: bytes) -> bool:
    """Tell whether the person had it."""
    return db.run(conn, REMOVE, user_id=user_id, credential_id=credential_id) == 1
