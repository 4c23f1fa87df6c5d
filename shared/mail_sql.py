"""Every statement over ``mails``. Time is the database's own."""

from dataclasses import dataclass

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Added:
    """A mail that waits for its transaction."""

    mail_id: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is to be sent now; to nobody where there is no recipient."""

    mail_id: int
    recipient: str | None
    subject: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Due:
    """How many letters wait, and how long until one is due: negative where one is, else None."""

    letters: int
    seconds: float | None


ADD = """
    INSERT INTO mails (recipient, subject, body)
    VALUES (%(recipient)s, %(subject)s, %(body)s)
    RETURNING mail_id
"""


def add(conn: Connection, recipient: str | None, subject: str, body: str) -> int:
    """Leave a mail to be sent once the transaction is done; return its number."""
    return db.one(conn, Added, ADD, recipient=recipient, subject=subject, body=body).mail_id


# It is due again before it is tried, so that no transaction waits for a mail server, and a process
# that dies on the way leaves it to the next one: 1, 2, 4, … minutes later, at most an hour.
CLAIM = """
    UPDATE mails
       SET attempts = attempts + 1,
           next_try_at = now() + least(interval '1 hour', interval '1 minute' * 2 ^ attempts)
     WHERE mail_id = (
               SELECT mail_id
                 FROM mails
                WHERE next_try_at <= now()
                  AND created_at > now() - interval '1 day'
                ORDER BY next_try_at
                LIMIT 1
                  FOR UPDATE SKIP LOCKED)
    RETURNING mail_id, recipient, subject, body, attempts
"""


def claim(conn: Connection) -> Mail | None:
    """Return one that is due, and that nobody else tries now."""
    return db.maybe(conn, Mail, CLAIM)


REMOVE = """
    DELETE FROM mails
     WHERE mail_id = %(mail_id)s
"""


def remove(conn: Connection, mail_id: int) -> None:
    db.run(conn, REMOVE, mail_id=mail_id)


NEXT = """
    SELECT count(*) AS letters,
           extract(epoch FROM min(next_try_at) - now())::float8 AS seconds
      FROM mails
     WHERE created_at > now() - interval '1 day'
"""


def due(conn: Connection) -> Due:
    """Return what waits to be sent."""
    return db.one(conn, Due, NEXT)
