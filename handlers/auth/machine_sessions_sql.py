"""Every statement of a machine's log-in: its token, and a session that is never refreshed."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is about a machine token, and what its machine receives."""

    name: str
    verifier: bytes
    revoked: bool
    expired: bool
    identity: bytes
    idcert: bytes
    revision: int
    keyring: bytes


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long the session lives."""

    seconds: int


# The row is held: no session begins while its token is being revoked.
KNOWN = """
    SELECT name, verifier, revoked_at IS NOT NULL AS revoked,
           coalesce(expires_at <= now(), false) AS expired,
           identity, idcert, revision, blob AS keyring
      FROM machine_tokens
      JOIN identities ON identities.user_id = machine_id
      JOIN keyrings ON keyrings.user_id = machine_id
     WHERE machine_id = %(machine_id)s
       FOR NO KEY UPDATE OF machine_tokens
"""


def known(conn: Connection, machine_id: UUID) -> Machine | None:
    return db.maybe(conn, Machine, KNOWN, machine_id=machine_id)


# It outlives neither the access token nor the machine token.
ADD = """
    INSERT INTO sessions (session_id, user_id, device, browser, address, expires_at, ends_at)
    SELECT %(session_id)s, machine_id, name, false, %(address)s, ends_at, ends_at
      FROM machine_tokens,
           least(expires_at, now() + make_interval(secs => %(seconds)s)) AS ends_at
     WHERE machine_id = %(machine_id)s
    RETURNING extract(epoch FROM expires_at - now())::integer AS seconds
"""


def add(conn: Connection, session_id: UUID, machine_id: UUID, address: str, seconds: int) -> int:
    """Begin a session of at most *seconds*; return how many they are."""
    named = {"session_id": session_id, "machine_id": machine_id, "address": address}
    return db.one(conn, Lifetime, ADD, seconds=seconds, **named).seconds


USED = """
    UPDATE machine_tokens
       SET last_used_at = now()
     WHERE machine_id = %(machine_id)s
"""


def used(conn: Connection, machine_id: UUID) -> None:
    db.run(conn, USED, machine_id=machine_id)
