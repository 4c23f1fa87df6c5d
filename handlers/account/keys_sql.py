"""Every statement that replaces the keys of an account; `users` goes first, and holds the rest.

Whoever logs in holds the same row of ``users`` while they are checked: a login either ends before
a change, and its session with it, or sees the new keys.
"""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Keyset:
    """How often the keys have changed."""

    keyset: int


@dataclass(frozen=True, slots=True)
class Idcert:
    """A person's certificate."""

    idcert: bytes


HOLD = """
    SELECT keyset
      FROM users
     WHERE user_id = %(user_id)s
       FOR NO KEY UPDATE
"""


def hold(conn: Connection, user_id: UUID) -> int:
    """Return the keyset, and let nobody change it until the transaction ends."""
    return db.one(conn, Keyset, HOLD, user_id=user_id).keyset


RAISE = """
    UPDATE users
       SET keyset = keyset + 1,
           salt = %(salt)s
     WHERE user_id = %(user_id)s
"""


def raise_keyset(conn: Connection, user_id: UUID, salt: bytes) -> None:
    db.run(conn, RAISE, user_id=user_id, salt=salt)


REPLACE_ACCESS = """
    UPDATE credentials
       SET verifier = %(verifier)s,
           user_key = %(user_key)s,
           identity = %(identity)s
     WHERE user_id = %(user_id)s
"""


def replace_access(
    conn: Connection, user_id: UUID, verifier: bytes, user_key: bytes, identity: bytes
) -> None:
    """Keep what password and account key prove and open."""
    db.run(
        conn,
        REPLACE_ACCESS,
        user_id=user_id,
        verifier=verifier,
        user_key=user_key,
        identity=identity,
    )


REPLACE_RECOVERY = """
    UPDATE credentials
       SET recovery_verifier = %(verifier)s,
           recovery_user_key = %(user_key)s,
           recovery_keyset = %(keyset)s,
           recovery_code_at = clock_timestamp()
     WHERE user_id = %(user_id)s
"""


def replace_recovery(
    conn: Connection, user_id: UUID, verifier: bytes, user_key: bytes, keyset: int
) -> None:
    """Keep what the recovery code proves and opens, and the keyset it is sealed under."""
    db.run(
        conn,
        REPLACE_RECOVERY,
        user_id=user_id,
        verifier=verifier,
        user_key=user_key,
        keyset=keyset,
    )


IDCERT = """
    SELECT idcert
      FROM identities
     WHERE user_id = %(user_id)s
"""


def idcert(conn: Connection, user_id: UUID) -> bytes:
    return db.one(conn, Idcert, IDCERT, user_id=user_id).idcert


REPLACE_IDCERT = """
    UPDATE identities
       SET idcert = %(idcert)s
     WHERE user_id = %(user_id)s
"""


def replace_idcert(conn: Connection, user_id: UUID, idcert: bytes) -> None:
    db.run(conn, REPLACE_IDCERT, user_id=user_id, idcert=idcert)


LOCK_PASSKEYS = """
    UPDATE passkeys
       SET user_key = NULL,
           keyset = NULL
     WHERE user_id = %(user_id)s
"""


def lock_passkeys(conn: Connection, user_id: UUID) -> None:
    """Drop what passkeys open: the user key of before; second factors they stay."""
    db.run(conn, LOCK_PASSKEYS, user_id=user_id)
