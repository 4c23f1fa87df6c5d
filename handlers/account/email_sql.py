"""What the account service does about addresses: it takes a new one, or has it confirmed."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """Whether there is something."""

    known: bool


IS_KNOWN = """
    SELECT EXISTS (SELECT FROM person_by_email(%(email)s)) AS known
"""


def is_known(conn: Connection, email: str) -> bool:
    """Tell whether an address has an account."""
    return db.one(conn, Found, IS_KNOWN, email=email).known


REPLACE = """
    UPDATE users
       SET email = %(email)s
     WHERE user_id = %(user_id)s
"""


def replace(conn: Connection, user_id: UUID, email: str) -> None:
    """Give a person another address; one that is taken violates ``users_email_key``."""
    db.run(conn, REPLACE, user_id=user_id, email=email)


ADD = """
    INSERT INTO email_verifications (token_hash, email, user_id, expires_at)
    VALUES (%(token_hash)s, %(email)s, %(user_id)s, now() + interval '24 hours')
"""


def add(conn: Connection, token_hash: bytes, email: str, user_id: UUID) -> None:
    """Let an address wait for its link to be followed."""
    db.run(conn, ADD, token_hash=token_hash, email=email, user_id=user_id)


END_ALL = """
    DELETE FROM email_verifications
     WHERE user_id = %(user_id)s
"""


def end_all(conn: Connection, user_id: UUID) -> None:
    """Let no link change somebody's address any more."""
    db.run(conn, END_ALL, user_id=user_id)
