"""What `purge` takes away: the end of what `handlers.auth` and others write."""

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


CHALLENGES = """
    DELETE FROM challenges
     WHERE challenge_hash IN (
               SELECT challenge_hash
                 FROM challenges
                WHERE expires_at < now()
                LIMIT %(batch)s)
"""


def remove_challenges(conn: Connection, batch: int) -> int:
    """Remove challenges that nobody can answer any more."""
    return db.run(conn, CHALLENGES, batch=batch)


DEVICE_REQUESTS = """
    DELETE FROM device_requests
     WHERE request_id IN (
               SELECT request_id
                 FROM device_requests
                WHERE expires_at < now()
                LIMIT %(batch)s)
"""


def remove_device_requests(conn: Connection, batch: int) -> int:
    """Remove requests of new devices that nobody can approve any more."""
    return db.run(conn, DEVICE_REQUESTS, batch=batch)


EMAIL_VERIFICATIONS = """
    DELETE FROM email_verifications
     WHERE token_hash IN (
               SELECT token_hash
                 FROM email_verifications
                WHERE expires_at < now()
                LIMIT %(batch)s)
"""


def remove_email_verifications(conn: Connection, batch: int) -> int:
    """Remove what waited for an address to be proved."""
    return db.run(conn, EMAIL_VERIFICATIONS, batch=batch)


LIMITS = """
    DELETE FROM limits
     WHERE subject_hash IN (
               SELECT subject_hash
                 FROM limits
                WHERE counted_at < now() - interval '30 days'
                  AND blocked_until < now()
                LIMIT %(batch)s)
"""


def remove_limits(conn: Connection, batch: int) -> int:
    """Remove what was tried a month ago: all of it is forgotten."""
    return db.run(conn, LIMITS, batch=batch)


LINKS = """
    DELETE FROM links
     WHERE link_id IN (
               SELECT link_id
                 FROM links
                WHERE expires_at < now()
                LIMIT %(batch)s)
"""


def remove_links(conn: Connection, batch: int) -> int:
    """Remove one-time links that nobody can open any more."""
    return db.run(conn, LINKS, batch=batch)


# What a letter was to remind of was not told, then: the next one does.
MAILS = """
    WITH old AS (
        SELECT mail_id
          FROM mails
         WHERE created_at < now() - interval '1 day'
         LIMIT %(batch)s
    ), untold AS (
        DELETE FROM reminders_told
         WHERE mail_id IN (SELECT mail_id FROM old)
    )
    DELETE FROM mails
     WHERE mail_id IN (SELECT mail_id FROM old)
"""


def remove_mails(conn: Connection, batch: int) -> int:
    """Remove letters that could not be sent for a day."""
    return db.run(conn, MAILS, batch=batch)


RECOVERIES = """
    DELETE FROM recoveries
     WHERE token_hash IN (
               SELECT token_hash
                 FROM recoveries
                WHERE expires_at < now()
                LIMIT %(batch)s)
"""


def remove_recoveries(conn: Connection, batch: int) -> int:
    """Remove recoveries that nobody can finish any more."""
    return db.run(conn, RECOVERIES, batch=batch)
