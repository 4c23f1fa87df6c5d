"""What auth asks of second factors, and how it uses codes up."""

from dataclasses import dataclass
from uuid import UUID

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Kinds:
    """What second factors somebody has."""

    totp: bool
    backup_codes: bool
    passkeys: list[bytes]


@dataclass(frozen=True, slots=True)
class Totp:
    """The secret of an authenticator app, and the step that the database's clock is in."""

    secret: bytes
    step: int


# A backup code stands in for another second factor, and is none by itself.
KINDS = """
    SELECT EXISTS (SELECT FROM totp
                    WHERE user_id = %(user_id)s
                      AND confirmed_at IS NOT NULL) AS totp,
           EXISTS (SELECT FROM backup_codes
                    WHERE user_id = %(user_id)s
                      AND used_at IS NULL) AS backup_codes,
           ARRAY(SELECT credential_id
                   FROM passkeys
                  WHERE user_id = %(user_id)s
                  ORDER BY created_at, credential_id) AS passkeys
"""


def kinds(conn: Connection, user_id: UUID) -> Kinds:
    return db.one(conn, Kinds, KINDS, user_id=user_id)


TOTP = """
    SELECT secret, floor(extract(epoch FROM now()) / %(step_seconds)s)::bigint AS step
      FROM totp
     WHERE user_id = %(user_id)s
       AND confirmed_at IS NOT NULL
"""


def totp(conn: Connection, user_id: UUID, step_seconds: int) -> Totp | None:
    return db.maybe(conn, Totp, TOTP, user_id=user_id, step_seconds=step_seconds)


# Of two requests at once the second waits here for the first, and then sees its step.
TAKE_STEP = """
    UPDATE totp
       SET last_step = %(step)s
     WHERE user_id = %(user_id)s
       AND confirmed_at IS NOT NULL
       AND last_step < %(step)s
"""


def take_step(conn: Connection, user_id: UUID, step: int) -> bool:
    """Use a step up, and with it all before; tell whether it was still to be had."""
    return db.run(conn, TAKE_STEP, user_id=user_id, step=step) == 1


TAKE_BACKUP_CODE = """
    UPDATE backup_codes
       SET used_at = now()
     WHERE user_id = %(user_id)s
       AND code_hash = %(code_hash)s
       AND used_at IS NULL
"""


def take_backup_code(conn: Connection, user_id: UUID, code_hash: bytes) -> bool:
    """Use a backup code up; tell whether it was still to be had."""
    return db.run(conn, TAKE_BACKUP_CODE, user_id=user_id, code_hash=code_hash) == 1
