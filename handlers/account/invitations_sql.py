"""Every question about invitations."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection
from shared.keyarc.commits import Commit


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation as those who keep its vault list it."""

    invite_id: UUID
    role: int
    inviter_id: UUID
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that may be answered, and the vault as it stands; *member*: who asks is of it.

    *seq* is the commit that opened it.
    """

    vault_id: UUID
    seq: int
    blob: bytes
    expires_at: datetime
    member: bool
    head_seq: int
    head_hash: bytes
    head_state: bytes
    buckets: bytes
    profile_epoch: int
    profile_seq: int
    profile: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a commit is part of the history."""

    taken: bool


OF = """
    SELECT invite_id, role, inviter_id, created_at,
           to_timestamp(expires_ms / 1000.0) AS expires_at
      FROM vault_invites
     WHERE vault_id = %(vault_id)s
     ORDER BY seq, invite_id
"""


def of(conn: Connection, vault_id: UUID) -> list[OpenInvitation]:
    """Return what the history has as open, also what is over by the clock; the oldest first."""
    return db.many(conn, OpenInvitation, OF, vault_id=vault_id)


# Whoever was of the vault knows the ids of its invitations: the ones from that time are not theirs.
GET = """
    SELECT invite.vault_id, invite.seq, blob, to_timestamp(expires_ms / 1000.0) AS expires_at,
           asking.role IS NOT NULL AS member,
           head_seq, head_hash, head_state, buckets, profile_epoch, profile_seq, profile
      FROM vault_invites AS invite
      JOIN vaults USING (vault_id)
      JOIN vault_members AS inviter
        ON inviter.vault_id = invite.vault_id
       AND inviter.user_id = inviter_id
       AND (inviter.role = 1 OR (inviter.role = 2 AND invite.role > 2))
      LEFT JOIN vault_members AS asking
        ON asking.vault_id = invite.vault_id
       AND asking.user_id = %(user_id)s
     WHERE invite_id = %(invite_id)s
       AND expires_ms >= extract(epoch FROM clock_timestamp()) * 1000
       AND (asking.user_id IS NULL
            OR asking.role IS NOT NULL
            OR asking.removed_seq < invite.seq)
"""


def get(conn: Connection, invite_id: UUID, user_id: UUID) -> Invitation:
    """Return an invitation that somebody may answer."""
    return db.one(conn, Invitation, GET, invite_id=invite_id, user_id=user_id)


IS_TAKEN = """
    SELECT EXISTS (SELECT
                     FROM commits
                     JOIN vault_members
                       ON vault_members.vault_id = commits.vault_id
                      AND user_id = author_id
                      AND role IS NOT NULL
                    WHERE commits.vault_id = %(vault_id)s
                      AND seq = %(seq)s
                      AND author_id = %(author_id)s
                      AND hash = %(hash)s) AS taken
"""


def is_taken(conn: Connection, commit: Commit) -> bool:
    """Tell whether a member's commit is in the history already."""
    named = {"vault_id": commit.vault_id, "seq": commit.seq, "author_id": commit.author_id}
    return db.one(conn, Taken, IS_TAKEN, hash=commit.hash, **named).taken
