"""What the account service does with ``challenges``: those of new passkeys, and the end of all."""

from uuid import UUID

from shared import db
from shared.db import Connection

ADD = """
    INSERT INTO challenges (challenge_hash, purpose, user_id, expires_at)
    VALUES (%(challenge_hash)s, 'registration', %(user_id)s, now() + interval '5 minutes')
"""


def add(conn: Connection, challenge_hash: bytes, user_id: UUID) -> None:
    db.run(conn, ADD, challenge_hash=challenge_hash, user_id=user_id)


TAKE = """
    DELETE FROM challenges
     WHERE challenge_hash = %(challenge_hash)s
       AND purpose = 'registration'
       AND user_id = %(user_id)s
       AND expires_at > now()
"""


def take(conn: Connection, challenge_hash: bytes, user_id: UUID) -> bool:
    """Use a challenge up; tell whether it was this person's, and still waited."""
    return db.run(conn, TAKE, challenge_hash=challenge_hash, user_id=user_id) == 1


END_ALL = """
    DELETE FROM challenges
     WHERE user_id = %(user_id)s
"""


def end_all(conn: Connection, user_id: UUID) -> None:
    """End whatever waits for an answer of this person."""
    db.run(conn, END_ALL, user_id=user_id)
