"""The second factor: which kinds somebody has, and whether a code is right."""

from typing import Any
from uuid import UUID

from handlers.auth import challenges
from handlers.auth import second_factor_sql as sql
from handlers.auth.second_factor_sql import Kinds
from shared import codes, limits, schemas
from shared.db import Connection
from shared.schemas import fields

CODE_CHARACTERS = 64
METHODS = ("totp", "backup-code", "passkey")


class Needed(schemas.Schema):
    """The password is right: a second factor must answer the challenge within its time."""

    challenge = schemas.Bytes(challenges.CHALLENGE_BYTES)
    methods = schemas.List(fields.String(metadata={"enum": METHODS}), longest=len(METHODS))
    passkeys = schemas.List(schemas.Bytes(), longest=1000)
    expires_in = schemas.Only(challenges.SECONDS)


NEEDED = Needed()


def methods(conn: Connection, user_id: UUID) -> list[str]:
    """Return how somebody can answer; nothing where there is no second factor."""
    return _methods(sql.kinds(conn, user_id))


def tries(user_id: UUID, address: str) -> tuple[tuple[limits.Rule, limits.Subject], ...]:
    """Return what each answer is counted for."""
    network = limits.network(address)
    return (limits.CODE_PERSON, user_id), (limits.CODE_NETWORK, network)


def needed(
    conn: Connection, purpose: challenges.Purpose, user_id: UUID, device: str | None = None
) -> dict[str, Any] | None:
    """Return what is asked of somebody with a second factor: a new challenge. None without."""
    kinds = sql.kinds(conn, user_id)
    if not (can := _methods(kinds)):
        return None
    told: dict[str, Any] = NEEDED.dump(
        {
            "challenge": challenges.ask(conn, purpose, user_id, device),
            "methods": can,
            "passkeys": kinds.passkeys,
            "expires_in": challenges.SECONDS,
        }
    )
    return told


def _methods(kinds: Kinds) -> list[str]:
    if not (kinds.totp or kinds.passkeys):
        return []
    has = (kinds.totp, kinds.backup_codes, bool(kinds.passkeys))
    return [method for method, there in zip(METHODS, has, strict=True) if there]


def take(conn: Connection, user_id: UUID, code: str) -> bool:
    """Use up a code of the app or a backup code; tell whether it was right and not used before."""
    if backup_code := codes.read(code):
        return sql.take_backup_code(conn, user_id, codes.backup_hash(user_id, backup_code))
    totp = sql.totp(conn, user_id, codes.STEP_SECONDS)
    if totp is None:
        return False
    steps = codes.matching_steps(totp.secret, code, totp.step)
    return any(sql.take_step(conn, user_id, step) for step in steps)
