"""What the account service does with ``device_requests``: it shows them, and has them answered."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """A device that asks for the account key."""

    request_id: UUID
    device: str
    address: str
    public_key: bytes
    created_at: datetime
    expires_at: datetime


WAITING = """
    SELECT request_id, device, address, public_key, created_at, expires_at
      FROM device_requests
     WHERE user_id = %(user_id)s
       AND sealed IS NULL
       AND expires_at > now()
     ORDER BY created_at DESC, request_id
     LIMIT 100
"""


def waiting(conn: Connection, user_id: UUID) -> list[Asked]:
    """Return the requests for somebody's account that nobody has answered, the newest first."""
    return db.many(conn, Asked, WAITING, user_id=user_id)


SEAL = """
    UPDATE device_requests
       SET sealed = %(sealed)s
     WHERE request_id = %(request_id)s
       AND user_id = %(user_id)s
       AND sealed IS NULL
       AND expires_at > now()
"""


def seal(conn: Connection, request_id: UUID, user_id: UUID, sealed: bytes) -> bool:
    """Answer a request; tell whether it still waited."""
    params = {"request_id": request_id, "user_id": user_id, "sealed": sealed}
    return db.run(conn, SEAL, **params) == 1


REFUSE = """
    DELETE FROM device_requests
     WHERE request_id = %(request_id)s
       AND user_id = %(user_id)s
       AND expires_at > now()
"""


def refuse(conn: Connection, request_id: UUID, user_id: UUID) -> bool:
    """Turn a request down, or take an answer back; tell whether there was one."""
    return db.run(conn, REFUSE, request_id=request_id, user_id=user_id) == 1


END_ALL = """
    DELETE FROM device_requests
     WHERE user_id = %(user_id)s
"""


def end_all(conn: Connection, user_id: UUID) -> None:
    """End the requests for somebody's account."""
    db.run(conn, END_ALL, user_id=user_id)
