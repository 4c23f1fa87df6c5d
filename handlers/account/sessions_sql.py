"""What the account service does with ``sessions``: it lists and ends them, and takes proofs up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Session:
    """A living session, as its person recognises it."""

    session_id: UUID
    device: str
    browser: bool
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that was living until now."""

    session_id: UUID


LIVING = """
    SELECT session_id, device, browser, address, created_at,
           refreshed_at AS last_seen_at, expires_at
      FROM sessions
     WHERE user_id = %(user_id)s
       AND ended_at IS NULL
       AND expires_at > now()
     ORDER BY refreshed_at DESC, session_id
"""


def living(conn: Connection, user_id: UUID) -> list[Session]:
    """Return a person's sessions, the one that was used last first."""
    return db.many(conn, Session, LIVING, user_id=user_id)


END = """
    UPDATE sessions
       SET ended_at = now()
     WHERE session_id = %(session_id)s
       AND user_id = %(user_id)s
       AND ended_at IS NULL
       AND expires_at > now()
"""


def end(conn: Connection, session_id: UUID, user_id: UUID) -> bool:
    """End one of a person's sessions; tell whether it was living."""
    return db.run(conn, END, session_id=session_id, user_id=user_id) == 1


END_OTHERS = """
    UPDATE sessions
       SET ended_at = now()
     WHERE user_id = %(user_id)s
       AND session_id <> %(session_id)s
       AND ended_at IS NULL
       AND expires_at > now()
    RETURNING session_id
"""


def end_others(conn: Connection, session_id: UUID, user_id: UUID) -> list[UUID]:
    """End a person's sessions but one; return those that were living."""
    ended = db.many(conn, Ended, END_OTHERS, session_id=session_id, user_id=user_id)
    return [session.session_id for session in ended]


HOLD_PERSON = """
    SELECT hold_person(%(user_id)s)
"""


def hold_person(conn: Connection, user_id: UUID) -> None:
    """Let no login and no other change of somebody's go on until the transaction ends.

    Before the session is looked at, so that who waits here sees what came of it.
    """
    db.run(conn, HOLD_PERSON, user_id=user_id)


TAKE_PROOF = """
    UPDATE sessions
       SET proven_at = NULL
     WHERE session_id = %(session_id)s
       AND user_id = %(user_id)s
       AND proven_at > now() - interval '5 minutes'
"""


def take_proof(conn: Connection, session_id: UUID, user_id: UUID) -> bool:
    """Use the session's fresh proof up; tell whether there was one."""
    return db.run(conn, TAKE_PROOF, session_id=session_id, user_id=user_id) == 1
