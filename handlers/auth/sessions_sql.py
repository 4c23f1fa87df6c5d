"""Every statement over ``sessions`` and ``refresh_tokens``. Time is the database's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lives unless it is refreshed or ended."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token that somebody holds up, and the session that it belongs to."""

    session_id: UUID
    user_id: UUID
    browser: bool
    alive: bool
    spent: bool
    just_spent: bool


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Where somebody gets letters, and whether a login is by something that is new there."""

    email: str
    new: bool


@dataclass(frozen=True, slots=True)
class Provable:
    """What the proof of a living session's person is compared with; a machine has nothing."""

    verifier: bytes | None


@dataclass(frozen=True, slots=True)
class Token:
    """A stored refresh token."""

    token_hash: bytes


# The first login follows the sign-up: its person need not be told.
NEWCOMER = """
    SELECT email,
           created_at < now() - interval '10 minutes'
           AND NOT EXISTS (SELECT FROM sessions
                            WHERE sessions.user_id = users.user_id
                              AND device = %(device)s
                              AND address = %(address)s) AS new
      FROM users
     WHERE user_id = %(user_id)s
"""


def newcomer(conn: Connection, user_id: UUID, device: str, address: str) -> Newcomer:
    """Tell whether the person had no session of this device from this address."""
    return db.one(conn, Newcomer, NEWCOMER, user_id=user_id, device=device, address=address)


# A browser's session ends 12 hours after it began, or 2 hours after its last refresh; a client's
# after a year, or 30 days.
ADD = """
    INSERT INTO sessions (session_id, user_id, device, browser, address, expires_at, ends_at)
    VALUES (%(session_id)s, %(user_id)s, %(device)s, %(browser)s, %(address)s,
            now() + CASE WHEN %(browser)s THEN interval '2 hours' ELSE interval '30 days' END,
            now() + CASE WHEN %(browser)s THEN interval '12 hours' ELSE interval '1 year' END)
    RETURNING extract(epoch FROM expires_at - now())::integer AS seconds
"""


def add(
    conn: Connection, session_id: UUID, user_id: UUID, device: str, address: str, *, browser: bool
) -> int:
    """Begin a session; return its lifetime in seconds."""
    return db.one(
        conn,
        Lifetime,
        ADD,
        session_id=session_id,
        user_id=user_id,
        device=device,
        browser=browser,
        address=address,
    ).seconds


REFRESH = """
    UPDATE sessions
       SET refreshed_at = now(),
           expires_at = least(ends_at, now() + CASE WHEN browser THEN interval '2 hours'
                                                    ELSE interval '30 days' END)
     WHERE session_id = %(session_id)s
    RETURNING extract(epoch FROM expires_at - now())::integer AS seconds
"""


def refresh(conn: Connection, session_id: UUID) -> int:
    """Note that the session is in use; return its lifetime in seconds."""
    return db.one(conn, Lifetime, REFRESH, session_id=session_id).seconds


END = """
    UPDATE sessions
       SET ended_at = now()
     WHERE session_id = %(session_id)s
       AND ended_at IS NULL
"""


def end(conn: Connection, session_id: UUID) -> bool:
    """End a session with all its tokens; return whether it had not ended yet."""
    return db.run(conn, END, session_id=session_id) == 1


END_ALL = """
    UPDATE sessions
       SET ended_at = now()
     WHERE user_id = %(user_id)s
       AND ended_at IS NULL
"""


def end_all(conn: Connection, user_id: UUID) -> None:
    """End every session of somebody."""
    db.run(conn, END_ALL, user_id=user_id)


PROVABLE = """
    SELECT credentials.verifier
      FROM sessions
      LEFT JOIN credentials USING (user_id)
     WHERE session_id = %(session_id)s
       AND sessions.user_id = %(user_id)s
       AND ended_at IS NULL
       AND expires_at > now()
"""


def provable(conn: Connection, session_id: UUID, user_id: UUID) -> Provable | None:
    """Return nothing where the session is over."""
    return db.maybe(conn, Provable, PROVABLE, session_id=session_id, user_id=user_id)


PROVE = """
    UPDATE sessions
       SET proven_at = now()
     WHERE session_id = %(session_id)s
"""


def prove(conn: Connection, session_id: UUID) -> None:
    """Note that the session's person has just proved who they are."""
    db.run(conn, PROVE, session_id=session_id)


ISSUE = """
    INSERT INTO refresh_tokens (token_hash, session_id)
    VALUES (%(token_hash)s, %(session_id)s)
"""


def issue(conn: Connection, session_id: UUID, token_hash: bytes) -> None:
    db.run(conn, ISSUE, session_id=session_id, token_hash=token_hash)


# Both rows are locked, so that of two requests with one token the second sees what the first did.
PRESENTED = """
    SELECT sessions.session_id, sessions.user_id, sessions.browser,
           sessions.ended_at IS NULL AND sessions.expires_at > now() AS alive,
           refresh_tokens.used_at IS NOT NULL AS spent,
           coalesce(refresh_tokens.used_at > now() - interval '10 seconds', false) AS just_spent
      FROM refresh_tokens
      JOIN sessions USING (session_id)
     WHERE refresh_tokens.token_hash = %(token_hash)s
       FOR UPDATE
"""


def presented(conn: Connection, token_hash: bytes) -> Presented | None:
    """Return whose token it is, and hold token and session until the transaction ends."""
    return db.maybe(conn, Presented, PRESENTED, token_hash=token_hash)


SPEND = """
    UPDATE refresh_tokens
       SET used_at = now()
     WHERE token_hash = %(token_hash)s
"""


def spend(conn: Connection, token_hash: bytes) -> None:
    db.run(conn, SPEND, token_hash=token_hash)


UNSPENT = """
    SELECT token_hash
      FROM refresh_tokens
     WHERE session_id = %(session_id)s
       AND token_hash = ANY(%(token_hashes)s)
       AND used_at IS NULL
"""


def unspent(conn: Connection, session_id: UUID, token_hashes: Sequence[bytes]) -> Token | None:
    """Return the one of *token_hashes* that the session has and nobody has spent."""
    hashes = list(token_hashes)
    return db.maybe(conn, Token, UNSPENT, session_id=session_id, token_hashes=hashes)
