"""Every statement that writes the roster of a vault, its invitations, or shares of its keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection
from shared.keyarc.commits import Invite, Role
from shared.keyarc.identity import IdCert


@dataclass(frozen=True, slots=True)
class Share:
    """Vault keys on their way to one member: only they can open it."""

    recipient_id: UUID
    epoch: int
    head: bytes
    ciphertext: bytes
    signature: bytes


# Whoever comes back has a row already; what they signed is verified by the certificate of then.
KEEP = """
    INSERT INTO superseded_idcerts (vault_id, user_id, idcert)
    SELECT vault_id, user_id, idcert
      FROM vault_members
     WHERE vault_id = %(vault_id)s
       AND user_id = %(user_id)s
       AND idcert <> %(idcert)s
    ON CONFLICT ON CONSTRAINT superseded_idcerts_pkey DO NOTHING
"""

ADMIT = """
    INSERT INTO vault_members (vault_id, user_id, role, idcert, accepted)
    VALUES (%(vault_id)s, %(user_id)s, %(role)s, %(idcert)s, %(accepted)s)
    ON CONFLICT ON CONSTRAINT vault_members_pkey DO UPDATE
       SET role = excluded.role,
           idcert = excluded.idcert,
           accepted = excluded.accepted,
           joined_at = now(),
           removed_seq = NULL
"""


def admit(
    conn: Connection, vault_id: UUID, role: Role, idcert: IdCert, *, accepted: bool = True
) -> None:
    """Make somebody a member, for the first time or again; *accepted*: by their own deed."""
    named = {"vault_id": vault_id, "user_id": idcert.user_id, "idcert": idcert.raw}
    db.run(conn, KEEP, **named)
    db.run(conn, ADMIT, role=role.value, accepted=accepted, **named)


# Nobody lists what they did not take in; so the first list says yes, and costs later ones nothing.
ACCEPT = """
    UPDATE vault_members
       SET accepted = true
     WHERE vault_id = %(vault_id)s
       AND user_id = %(user_id)s
       AND NOT accepted
"""


def accept(conn: Connection, vault_id: UUID, user_id: UUID) -> None:
    """Note that somebody who was added has taken the vault in."""
    db.run(conn, ACCEPT, vault_id=vault_id, user_id=user_id)


SET_ROLE = """
    UPDATE vault_members
       SET role = %(role)s
     WHERE vault_id = %(vault_id)s
       AND user_id = %(user_id)s
"""


def set_role(conn: Connection, vault_id: UUID, user_id: UUID, role: Role) -> None:
    db.run(conn, SET_ROLE, vault_id=vault_id, user_id=user_id, role=role.value)


REMOVE = """
    UPDATE vault_members
       SET role = NULL,
           removed_seq = %(seq)s
     WHERE vault_id = %(vault_id)s
       AND user_id = %(user_id)s
"""

UNSHARE = """
    DELETE FROM shares
     WHERE vault_id = %(vault_id)s
       AND recipient_id = %(user_id)s
"""


def remove(conn: Connection, vault_id: UUID, user_id: UUID, seq: int) -> None:
    """End a membership; the row stays, since the history is verified by its certificate."""
    db.run(conn, REMOVE, vault_id=vault_id, user_id=user_id, seq=seq)
    db.run(conn, UNSHARE, vault_id=vault_id, user_id=user_id)


REKEY = """
    UPDATE vault_members
       SET idcert = %(idcert)s
     WHERE vault_id = %(vault_id)s
       AND user_id = %(user_id)s
"""


def rekey(conn: Connection, vault_id: UUID, idcert: IdCert) -> None:
    """Give a member their next certificate, and keep the one before."""
    named = {"vault_id": vault_id, "user_id": idcert.user_id, "idcert": idcert.raw}
    db.run(conn, KEEP, **named)
    db.run(conn, REKEY, **named)


INVITE = """
    INSERT INTO vault_invites
           (vault_id, invite_id, invite_pk, role, expires_ms, seq, inviter_id, blob)
    VALUES (%(vault_id)s, %(invite_id)s, %(invite_pk)s, %(role)s, %(expires_ms)s, %(seq)s,
            %(inviter_id)s, %(blob)s)
    ON CONFLICT (invite_id) DO NOTHING
"""


def invite(
    conn: Connection, vault_id: UUID, invite: Invite, *, seq: int, inviter_id: UUID, blob: bytes
) -> bool:
    """Open an invitation; tell whether no other vault has one of its id."""
    opened = db.run(
        conn,
        INVITE,
        vault_id=vault_id,
        invite_id=invite.invite_id,
        invite_pk=invite.public_key,
        role=invite.role.value,
        expires_ms=invite.expires_ms,
        seq=seq,
        inviter_id=inviter_id,
        blob=blob,
    )
    return opened == 1


CLOSE_INVITES = """
    DELETE FROM vault_invites
     WHERE vault_id = %(vault_id)s
       AND invite_id = ANY(%(invite_ids)s)
"""


def close_invites(conn: Connection, vault_id: UUID, invite_ids: Sequence[UUID]) -> None:
    db.run(conn, CLOSE_INVITES, vault_id=vault_id, invite_ids=list(invite_ids))


SHARE = """
    INSERT INTO shares (vault_id, recipient_id, epoch, sender_id, head, ciphertext, signature)
    VALUES (%(vault_id)s, %(recipient_id)s, %(epoch)s, %(sender_id)s, %(head)s, %(ciphertext)s,
            %(signature)s)
    ON CONFLICT ON CONSTRAINT shares_pkey DO UPDATE
       SET epoch = excluded.epoch,
           sender_id = excluded.sender_id,
           head = excluded.head,
           ciphertext = excluded.ciphertext,
           signature = excluded.signature,
           created_at = now()
"""


def share(conn: Connection, vault_id: UUID, sender_id: UUID, share: Share) -> None:
    """Keep a share in place of the one before: it holds every key that is in use."""
    db.run(
        conn,
        SHARE,
        vault_id=vault_id,
        sender_id=sender_id,
        recipient_id=share.recipient_id,
        epoch=share.epoch,
        head=share.head,
        ciphertext=share.ciphertext,
        signature=share.signature,
    )
