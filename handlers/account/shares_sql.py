"""Every question about shares of vault keys."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Share:
    """The newest share of one vault for one member."""

    vault_id: UUID
    recipient_id: UUID
    epoch: int
    sender_id: UUID
    head: bytes
    ciphertext: bytes
    signature: bytes
    created_at: datetime


OF = """
    SELECT vault_id, recipient_id, epoch, sender_id, head, ciphertext, signature, created_at
      FROM shares
     WHERE recipient_id = %(user_id)s
       AND EXISTS (SELECT
                     FROM vault_members
                    WHERE vault_members.vault_id = shares.vault_id
                      AND user_id = recipient_id
                      AND role IS NOT NULL)
     ORDER BY created_at, vault_id
"""


def of(conn: Connection, user_id: UUID) -> list[Share]:
    """Return the shares for somebody, the oldest first."""
    return db.many(conn, Share, OF, user_id=user_id)
