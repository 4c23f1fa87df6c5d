"""What auth does with ``challenges``: it asks, counts wrong answers, and ends them."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question that was asked; by whom it must be answered, if that is known."""

    user_id: UUID | None
    device: str | None


ADD = """
    INSERT INTO challenges (challenge_hash, purpose, user_id, device, expires_at)
    VALUES (%(challenge_hash)s, %(purpose)s, %(user_id)s, %(device)s,
            now() + make_interval(secs => %(seconds)s))
"""


def add(
    conn: Connection,
    challenge_hash: bytes,
    *,
    purpose: str,
    user_id: UUID | None,
    device: str | None,
    seconds: int,
) -> None:
    db.run(
        conn,
        ADD,
        challenge_hash=challenge_hash,
        purpose=purpose,
        user_id=user_id,
        device=device,
        seconds=seconds,
    )


# Locked, so that wrong answers at once are counted one after the other.
HOLD = """
    SELECT user_id, device
      FROM challenges
     WHERE challenge_hash = %(challenge_hash)s
       AND purpose = %(purpose)s
       AND attempts < %(attempts)s
       AND expires_at > now()
       FOR UPDATE
"""


def hold(conn: Connection, challenge_hash: bytes, purpose: str, attempts: int) -> Challenge | None:
    """Return a challenge that may still be answered, and hold it to the transaction's end."""
    return db.maybe(
        conn, Challenge, HOLD, challenge_hash=challenge_hash, purpose=purpose, attempts=attempts
    )


MISS = """
    UPDATE challenges
       SET attempts = attempts + 1
     WHERE challenge_hash = %(challenge_hash)s
"""


def miss(conn: Connection, challenge_hash: bytes) -> None:
    """Count a wrong answer."""
    db.run(conn, MISS, challenge_hash=challenge_hash)


END = """
    DELETE FROM challenges
     WHERE challenge_hash = %(challenge_hash)s
"""


def end(conn: Connection, challenge_hash: bytes) -> None:
    db.run(conn, END, challenge_hash=challenge_hash)


END_ALL = """
    DELETE FROM challenges
     WHERE user_id = %(user_id)s
"""


def end_all(conn: Connection, user_id: UUID) -> None:
    """End whatever waits for an answer of somebody."""
    db.run(conn, END_ALL, user_id=user_id)
