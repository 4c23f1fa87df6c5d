"""Every statement over ``totp`` but the use of its codes, which is a login's."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that waits for its first code, and the step that the database's clock is in."""

    secret: bytes
    step: int


# One that is in use is not touched.
OFFER = """
    INSERT INTO totp (user_id, secret)
    VALUES (%(user_id)s, %(secret)s)
        ON CONFLICT (user_id) DO UPDATE
       SET secret = excluded.secret
     WHERE totp.confirmed_at IS NULL
"""


def offer(conn: Connection, user_id: UUID, secret: bytes) -> bool:
    """Offer a secret in the place of an older offer; tell whether none was confirmed yet."""
    return db.run(conn, OFFER, user_id=user_id, secret=secret) == 1


OFFERED = """
    SELECT secret, floor(extract(epoch FROM now()) / %(step_seconds)s)::bigint AS step
      FROM totp
     WHERE user_id = %(user_id)s
       AND confirmed_at IS NULL
"""


def offered(conn: Connection, user_id: UUID, step_seconds: int) -> Offer:
    return db.one(conn, Offer, OFFERED, user_id=user_id, step_seconds=step_seconds)


CONFIRM = """
    UPDATE totp
       SET confirmed_at = now(),
           last_step = %(step)s
     WHERE user_id = %(user_id)s
"""


def confirm(conn: Connection, user_id: UUID, step: int) -> None:
    """Take the offer into use; the code that confirmed it is used up."""
    db.run(conn, CONFIRM, user_id=user_id, step=step)


REMOVE = """
    DELETE FROM totp
     WHERE user_id = %(user_id)s
       AND confirmed_at IS NOT NULL
"""


def remove(conn: Connection, user_id: UUID) -> bool:
    """Tell whether there was one in use."""
    return db.run(conn, REMOVE, user_id=user_id) == 1
