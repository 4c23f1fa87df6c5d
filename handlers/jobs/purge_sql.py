"""What `purge` takes away: the end of what `handlers.auth` writes."""

from shared import db
from shared.db import Connection

# Nothing asks for a session that is over: its tokens are refused with or without it. The week is
# for whoever looks into what the audit log says of it.
SESSIONS = """
    DELETE FROM sessions
     WHERE session_id IN (
               SELECT session_id
                 FROM sessions
                WHERE least(ended_at, expires_at) < now() - interval '7 days'
                LIMIT %(batch)s)
"""


def remove_sessions(conn: Connection, batch: int) -> int:
    """Remove sessions that have been over for a week, and with them their tokens."""
    return db.run(conn, SESSIONS, batch=batch)


# As long as a session lives, a second use of a token that was stolen from it must be seen: by its
# row. Who comes back after 90 days with a token that somebody else has used is told to log in.
TOKENS = """
    DELETE FROM refresh_tokens
     WHERE token_hash IN (
               SELECT token_hash
                 FROM refresh_tokens
                WHERE used_at < now() - interval '90 days'
                LIMIT %(batch)s)
"""


def remove_tokens(conn: Connection, batch: int) -> int:
    """Remove tokens that were used 90 days ago, while their sessions go on."""
    return db.run(conn, TOKENS, batch=batch)
