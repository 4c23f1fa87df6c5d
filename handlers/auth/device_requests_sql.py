"""What the auth service does with ``device_requests``: it takes them, and hands answers out."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Answer:
    """What a signed-in device sealed for the new one, once it did."""

    sealed: bytes | None


ADD = """
    INSERT INTO device_requests
           (request_id, user_id, secret_hash, public_key, device, address, expires_at)
    VALUES (%(request_id)s, (SELECT user_id FROM users WHERE email = %(email)s), %(secret_hash)s,
            %(public_key)s, %(device)s, %(address)s, now() + make_interval(secs => %(seconds)s))
"""


def add(
    conn: Connection,
    request_id: UUID,
    email: str,
    *,
    secret_hash: bytes,
    public_key: bytes,
    device: str,
    address: str,
    seconds: int,
) -> None:
    """Add a request, and the same one without a person where the address has no account."""
    db.run(
        conn,
        ADD,
        request_id=request_id,
        email=email,
        secret_hash=secret_hash,
        public_key=public_key,
        device=device,
        address=address,
        seconds=seconds,
    )


# With the answer goes the request: a second device with the same secret gets nothing.
TAKE = """
    WITH taken AS (
        DELETE FROM device_requests
         WHERE request_id = %(request_id)s
           AND secret_hash = %(secret_hash)s
           AND expires_at > now()
           AND sealed IS NOT NULL
        RETURNING sealed
    )
    SELECT sealed
      FROM taken
     UNION ALL
    SELECT NULL::bytea AS sealed
      FROM device_requests
     WHERE request_id = %(request_id)s
       AND secret_hash = %(secret_hash)s
       AND expires_at > now()
       AND sealed IS NULL
"""


def take(conn: Connection, request_id: UUID, secret_hash: bytes) -> Answer:
    """Return the answer, once; nothing was sealed yet where it holds nothing."""
    return db.one(conn, Answer, TAKE, request_id=request_id, secret_hash=secret_hash)


END_ALL = """
    DELETE FROM device_requests
     WHERE user_id = %(user_id)s
"""


def end_all(conn: Connection, user_id: UUID) -> None:
    """End the requests for somebody's account."""
    db.run(conn, END_ALL, user_id=user_id)
