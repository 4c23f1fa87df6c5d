"""Every question about the vaults of a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault as one of its members sees it in a list."""

    vault_id: UUID
    role: int
    joined_at: datetime
    head_seq: int
    head_hash: bytes
    head_state: bytes
    profile_epoch: int
    profile_seq: int
    profile: bytes
    secrets: int


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of a vault's roster, or who was once, or was by this certificate."""

    vault_id: UUID
    user_id: UUID
    role: int | None
    idcert: bytes


@dataclass(frozen=True, slots=True)
class Removal:
    """Whether a vault is gone."""

    removed: bool


OF = """
    SELECT vault_id, role, joined_at, head_seq, head_hash, head_state,
           profile_epoch, profile_seq, profile, secrets
      FROM vault_members
      JOIN vaults USING (vault_id)
     WHERE user_id = %(user_id)s
       AND role IS NOT NULL
     ORDER BY joined_at, vault_id
"""


def of(conn: Connection, user_id: UUID) -> list[Vault]:
    """Return the vaults of a person, the oldest first."""
    return db.many(conn, Vault, OF, user_id=user_id)


# What is older in superseded_idcerts is a member of its own here, one who has left.
MEMBERS = """
    SELECT vault_id, user_id, role, idcert
      FROM (SELECT vault_id, user_id, role, idcert, joined_at
              FROM vault_members
             WHERE vault_id = ANY(%(vault_ids)s)
             UNION ALL
            SELECT vault_id, user_id, NULL, idcert, superseded_at
              FROM superseded_idcerts
             WHERE vault_id = ANY(%(vault_ids)s)) AS member
     ORDER BY joined_at, user_id
"""


def members(conn: Connection, vault_ids: Sequence[UUID]) -> list[Member]:
    """Return everyone who is or was of these vaults, with every certificate they ever had there.

    Old commits are verified by old certificates.
    """
    return db.many(conn, Member, MEMBERS, vault_ids=list(vault_ids))


REMOVE = """
    SELECT delete_own_vault(%(vault_id)s) AS removed
"""


def remove(conn: Connection, vault_id: UUID) -> bool:
    """Delete a vault and all that is known of it, if the asker is its owner and alone in it."""
    return db.one(conn, Removal, REMOVE, vault_id=vault_id).removed
