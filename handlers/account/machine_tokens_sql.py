"""Every statement over ``machine_tokens``, and the beginning and the end of a machine."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class MachineToken:
    """A machine token as its owner recognises it, with the vaults that it reads."""

    machine_id: UUID
    name: str
    vaults: list[UUID]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    expired: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a token works still, as far as nobody revoked it."""

    revoked: bool


OF = """
    SELECT machine_id, name,
           ARRAY(SELECT vault_id
                   FROM vault_members
                  WHERE user_id = machine_id
                    AND role IS NOT NULL
                  ORDER BY vault_id) AS vaults,
           created_at, expires_at, last_used_at, revoked_at,
           coalesce(expires_at <= now(), false) AS expired
      FROM machine_tokens
     WHERE owner_id = %(owner_id)s
     ORDER BY created_at, machine_id
"""


def of(conn: Connection, owner_id: UUID) -> list[MachineToken]:
    """Return a person's machine tokens, the oldest first."""
    return db.many(conn, MachineToken, OF, owner_id=owner_id)


ADD_USER = """
    INSERT INTO users (user_id, suite)
    VALUES (%(machine_id)s, 1)
    ON CONFLICT DO NOTHING
"""

ADD_IDENTITY = """
    INSERT INTO identities (user_id, idcert)
    VALUES (%(machine_id)s, %(idcert)s)
"""

ADD_KEYRING = """
    INSERT INTO keyrings (user_id, blob)
    VALUES (%(machine_id)s, %(keyring)s)
"""

ADD = """
    INSERT INTO machine_tokens (machine_id, owner_id, name, verifier, identity, expires_at)
    VALUES (%(machine_id)s, %(owner_id)s, %(name)s, %(verifier)s, %(identity)s, %(expires_at)s)
    ON CONFLICT (owner_id, name) WHERE revoked_at IS NULL DO NOTHING
"""


def add_user(conn: Connection, machine_id: UUID) -> bool:
    """Add a machine; tell whether its id was free."""
    return db.run(conn, ADD_USER, machine_id=machine_id) == 1


def add_token(conn: Connection, owner_id: UUID, verifier: bytes, machine: dict[str, Any]) -> bool:
    """Add its token; tell whether no other of the owner's that works has its name."""
    named = {name: machine[name] for name in ("machine_id", "name", "identity", "expires_at")}
    return db.run(conn, ADD, owner_id=owner_id, verifier=verifier, **named) == 1


def add_keys(conn: Connection, machine: dict[str, Any]) -> None:
    """Add certificate and keyring: after the token, which says whose machine it is."""
    db.run(conn, ADD_IDENTITY, machine_id=machine["machine_id"], idcert=machine["idcert"])
    db.run(conn, ADD_KEYRING, machine_id=machine["machine_id"], keyring=machine["keyring"])


HOLD = """
    SELECT revoked_at IS NOT NULL AS revoked
      FROM machine_tokens
     WHERE machine_id = %(machine_id)s
       AND owner_id = %(owner_id)s
       FOR UPDATE
"""

REVOKE = """
    UPDATE machine_tokens
       SET revoked_at = now()
     WHERE machine_id = %(machine_id)s
"""

END_SESSIONS = """
    UPDATE sessions
       SET ended_at = now()
     WHERE user_id = %(machine_id)s
       AND ended_at IS NULL
"""


def revoke(conn: Connection, owner_id: UUID, machine_id: UUID) -> bool:
    """End a token and every session of its machine; tell whether it worked until now."""
    if db.one(conn, Standing, HOLD, machine_id=machine_id, owner_id=owner_id).revoked:
        return False
    db.run(conn, REVOKE, machine_id=machine_id)
    db.run(conn, END_SESSIONS, machine_id=machine_id)
    return True
