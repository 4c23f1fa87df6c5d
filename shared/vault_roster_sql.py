"""Every statement that writes the roster of a vault."""

from uuid import UUID

from shared import db
from shared.db import Connection
from shared.keyarc.commits import Role
from shared.keyarc.identity import IdCert

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
    INSERT INTO vault_members (vault_id, user_id, role, idcert)
    VALUES (%(vault_id)s, %(user_id)s, %(role)s, %(idcert)s)
    ON CONFLICT ON CONSTRAINT vault_members_pkey DO UPDATE
       SET role = excluded.role,
           idcert = excluded.idcert,
           joined_at = now()
"""


def admit(conn: Connection, vault_id: UUID, role: Role, idcert: IdCert) -> None:
    """Make somebody a member, for the first time or again."""
    named = {"vault_id": vault_id, "user_id": idcert.user_id, "idcert": idcert.raw}
    db.run(conn, KEEP, **named)
    db.run(conn, ADMIT, role=role.value, **named)


REMOVE = """
    UPDATE vault_members
       SET role = NULL
     WHERE vault_id = %(vault_id)s
       AND user_id = %(user_id)s
"""


def remove(conn: Connection, vault_id: UUID, user_id: UUID) -> None:
    """End a membership; the row stays, since the history is verified by its certificate."""
    db.run(conn, REMOVE, vault_id=vault_id, user_id=user_id)


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
