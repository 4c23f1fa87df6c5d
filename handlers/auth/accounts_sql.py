"""Every statement over ``installation``, ``users`` and what belongs to a person at login."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Known:
    """What there is about an address: the key of decoys always, the rest with an account."""

    decoy_key: bytes
    user_id: UUID | None
    verifier: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """What a person receives who has proved who they are."""

    salt: bytes
    keyset: int
    user_key: bytes
    identity: bytes
    idcert: bytes
    revision: int
    keyring: bytes


# Without an account a verifier is looked for all the same.
KNOWN = """
    SELECT installation.decoy_key, users.user_id,
           coalesce(credentials.verifier, decode(repeat('00', 32), 'hex')) AS verifier
      FROM installation
      LEFT JOIN users ON users.email = %(email)s
      LEFT JOIN credentials
        ON credentials.user_id = coalesce(users.user_id, '00000000-0000-4000-8000-000000000000')
"""


def known(conn: Connection, email: str) -> Known:
    """Return a row for every address."""
    return db.one(conn, Known, KNOWN, email=email)


# Whoever changes a proof holds this row too: a login is before that, and its session ended by
# it, or after it, and needs the new proof.
HOLD = """
    SELECT user_id
      FROM users
     WHERE user_id = %(user_id)s
       FOR SHARE
"""


def hold(conn: Connection, user_id: UUID) -> None:
    """Let nobody change what somebody logs in by until the transaction ends."""
    db.run(conn, HOLD, user_id=user_id)


KEYS = """
    SELECT users.salt, users.keyset, credentials.user_key, credentials.identity,
           identities.idcert, keyrings.revision, keyrings.blob AS keyring
      FROM users
      JOIN credentials USING (user_id)
      JOIN identities USING (user_id)
      JOIN keyrings USING (user_id)
     WHERE users.user_id = %(user_id)s
"""


def keys(conn: Connection, user_id: UUID) -> Keys:
    return db.one(conn, Keys, KEYS, user_id=user_id)


ADD = """
    WITH account AS (
        INSERT INTO users (user_id, email, suite, salt)
        VALUES (%(user_id)s, %(email)s, %(suite)s, %(salt)s)
            ON CONFLICT DO NOTHING
        RETURNING user_id
    ), proofs AS (
        INSERT INTO credentials
               (user_id, verifier, recovery_verifier, user_key, recovery_user_key, identity)
        SELECT user_id, %(verifier)s, %(recovery_verifier)s,
               %(user_key)s, %(recovery_user_key)s, %(identity)s
          FROM account
    ), certificate AS (
        INSERT INTO identities (user_id, idcert)
        SELECT user_id, %(idcert)s
          FROM account
    )
    INSERT INTO keyrings (user_id, blob)
    SELECT user_id, %(keyring)s
      FROM account
"""


def add(conn: Connection, account: dict[str, Any]) -> bool:
    """Add an account whole; return whether neither its address nor its id was taken."""
    return db.run(conn, ADD, **account) == 1


RECOVER = """
    WITH account AS (
        UPDATE users
           SET salt = %(salt)s,
               keyset = %(keyset)s
         WHERE user_id = %(user_id)s
           AND keyset = %(keyset)s - 1
        RETURNING user_id
    )
    UPDATE credentials
       SET verifier = %(verifier)s,
           recovery_verifier = %(recovery_verifier)s,
           user_key = %(user_key)s,
           recovery_user_key = %(recovery_user_key)s,
           recovery_keyset = %(keyset)s,
           recovery_code_at = clock_timestamp(),
           identity = %(identity)s
      FROM account
     WHERE credentials.user_id = account.user_id
"""


def recover(conn: Connection, user_id: UUID, keyset: int, **keys: bytes) -> bool:
    """Give an account other keys of access; tell whether *keyset* follows the one it has."""
    return db.run(conn, RECOVER, user_id=user_id, keyset=keyset, **keys) == 1
