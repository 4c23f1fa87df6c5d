"""Every statement over ``email_verifications``, and the change of an address that one ends in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Verification:
    """An address that was proved: of an account that is to be made, or of one that changes it."""

    email: str
    user_id: UUID | None
    account: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Found:
    """Whether there is something."""

    known: bool


ADD_SIGN_UP = """
    INSERT INTO email_verifications (token_hash, email, account, expires_at)
    VALUES (%(token_hash)s, %(email)s, %(account)s, now() + interval '1 day')
"""


def add_sign_up(
    conn: Connection, token_hash: bytes, email: str, account: Mapping[str, Any]
) -> None:
    """Let an account wait until its address is proved."""
    db.run(conn, ADD_SIGN_UP, token_hash=token_hash, email=email, account=Jsonb(dict(account)))


IS_KNOWN = """
    SELECT EXISTS (SELECT FROM users WHERE email = %(email)s) AS known
"""


def is_known(conn: Connection, email: str) -> bool:
    """Tell whether an address has an account."""
    return db.one(conn, Found, IS_KNOWN, email=email).known


TAKE = """
    DELETE FROM email_verifications
     WHERE token_hash = %(token_hash)s
       AND expires_at > now()
    RETURNING email, user_id, account
"""


def take(conn: Connection, token_hash: bytes) -> Verification:
    """Use a token up; raise NotFound for one that is used, old or unknown."""
    return db.one(conn, Verification, TAKE, token_hash=token_hash)


CHANGE_EMAIL = """
    UPDATE users
       SET email = %(email)s
     WHERE user_id = %(user_id)s
"""


def change_email(conn: Connection, user_id: UUID, email: str) -> None:
    db.run(conn, CHANGE_EMAIL, user_id=user_id, email=email)


END_CHANGES = """
    DELETE FROM email_verifications
     WHERE user_id = %(user_id)s
"""


def end_changes(conn: Connection, user_id: UUID) -> None:
    """Let no link change the address of somebody any more."""
    db.run(conn, END_CHANGES, user_id=user_id)
