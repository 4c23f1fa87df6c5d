"""What nobody but a person who takes their data along is told."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Session:
    """A session, also one that is over."""

    session_id: UUID
    device: str
    browser: bool
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class EmailChange:
    """An address whose link was not followed yet."""

    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault that somebody is of."""

    vault_id: UUID
    role: int
    joined_at: datetime
    accepted: bool
    secrets: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open invitation that somebody has made."""

    vault_id: UUID
    invite_id: UUID
    role: int
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """Vault keys from one member for another."""

    vault_id: UUID
    sender_id: UUID
    recipient_id: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """A day on which the people of a vault want to hear of a secret."""

    vault_id: UUID
    secret_id: UUID
    day: date


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link, also one that is burnt."""

    link_id: UUID
    reads_left: int
    created_at: datetime
    expires_at: datetime
    last_read_at: datetime | None


SESSIONS = """
    SELECT session_id, device, browser, address, created_at,
           refreshed_at AS last_seen_at, expires_at, ended_at
      FROM sessions
     WHERE user_id = %(user_id)s
     ORDER BY created_at, session_id
"""


def sessions(conn: Connection, user_id: UUID) -> list[Session]:
    """Return a person's sessions as long as they are kept, the oldest first."""
    return db.many(conn, Session, SESSIONS, user_id=user_id)


EMAIL_CHANGES = """
    SELECT email, expires_at
      FROM email_verifications
     WHERE user_id = %(user_id)s
     ORDER BY expires_at
"""


def email_changes(conn: Connection, user_id: UUID) -> list[EmailChange]:
    return db.many(conn, EmailChange, EMAIL_CHANGES, user_id=user_id)


VAULTS = """
    SELECT vault_id, role, joined_at, accepted, secrets
      FROM vault_members
      JOIN vaults USING (vault_id)
     WHERE user_id = %(user_id)s
       AND role IS NOT NULL
     ORDER BY joined_at, vault_id
"""


def vaults(conn: Connection, user_id: UUID) -> list[Vault]:
    return db.many(conn, Vault, VAULTS, user_id=user_id)


INVITATIONS = """
    SELECT vault_id, invite_id, role, created_at, to_timestamp(expires_ms / 1000.0) AS expires_at
      FROM vault_invites
     WHERE inviter_id = %(user_id)s
     ORDER BY created_at, invite_id
"""


def invitations(conn: Connection, user_id: UUID) -> list[Invitation]:
    return db.many(conn, Invitation, INVITATIONS, user_id=user_id)


SHARES = """
    SELECT vault_id, sender_id, recipient_id, created_at
      FROM shares
     WHERE %(user_id)s IN (sender_id, recipient_id)
     ORDER BY created_at, vault_id, recipient_id
"""


def shares(conn: Connection, user_id: UUID) -> list[Share]:
    return db.many(conn, Share, SHARES, user_id=user_id)


REMINDERS = """
    SELECT vault_id, secret_id, day
      FROM reminders
      JOIN vault_members USING (vault_id)
     WHERE user_id = %(user_id)s
       AND role IS NOT NULL
     ORDER BY day, secret_id
"""


def reminders(conn: Connection, user_id: UUID) -> list[Reminder]:
    """Return the days of all vaults that somebody is of."""
    return db.many(conn, Reminder, REMINDERS, user_id=user_id)


LINKS = """
    SELECT link_id, reads_left, created_at, expires_at, last_read_at
      FROM links
     WHERE user_id = %(user_id)s
     ORDER BY created_at, link_id
"""


def links(conn: Connection, user_id: UUID) -> list[Link]:
    return db.many(conn, Link, LINKS, user_id=user_id)
