"""Challenges: random bytes that wait some minutes for one right answer, or five wrong ones."""

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from handlers.auth import challenges_sql as sql
from handlers.auth.challenges_sql import Challenge
from shared import problems
from shared.db import Connection

CHALLENGE_BYTES = 32
SECONDS = 300
ATTEMPTS = 5


class Purpose(StrEnum):
    """What the right answer is good for."""

    LOGIN = "login"
    PASSKEY = "passkey"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Login:
    """A login whose password was right: whose, and by which device."""

    user_id: UUID
    device: str


def ask(
    conn: Connection, purpose: Purpose, user_id: UUID | None = None, device: str | None = None
) -> bytes:
    """Return a new challenge; only its hash is stored."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    sql.add(
        conn,
        _stored(challenge),
        purpose=purpose.value,
        user_id=user_id,
        device=device,
        seconds=SECONDS,
    )
    return challenge


def hold(conn: Connection, challenge: bytes, purpose: Purpose) -> Challenge:
    """Return what was asked; nobody else answers it before the transaction ends."""
    found = sql.hold(conn, _stored(challenge), purpose.value, ATTEMPTS)
    if found is None:
        raise problems.ChallengeEnded
    return found


def hold_login(conn: Connection, challenge: bytes) -> Login:
    """Return the login that waits for an answer, as `hold` does."""
    found = hold(conn, challenge, Purpose.LOGIN)
    if found.user_id is None or found.device is None:
        raise problems.ChallengeEnded
    return Login(found.user_id, found.device)


def settle(conn: Connection, challenge: bytes, *, right: bool) -> None:
    """End a challenge that was answered right; count a wrong answer."""
    (sql.end if right else sql.miss)(conn, _stored(challenge))


def _stored(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
