"""The way back in by recovery code: it begins here, and waits."""

import hashlib
import hmac
import secrets
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_ACCEPTED, Request, Response

from handlers.auth import decoys
from handlers.auth import recovery_sql as sql
from handlers.auth.recovery_sql import Known, Recovery, Times
from shared import audit, caller, codes, db, letters, limits, networks, problems, schemas
from shared.audit import Action
from shared.db import Connection
from shared.keyarc import encoding
from shared.mail import Post
from shared.operations import Operation
from shared.schemas import fields

TOKEN_BYTES = 32
OPEN_SECONDS = 7 * 86_400  # how long it hands the keys out once the delay is over
NO_VERIFIER = bytes(32)


class Question(schemas.Schema):
    """An address, the proof of its recovery code, and what the person calls this device."""

    email = schemas.Email(required=True)
    recovery_auth = schemas.Bytes(32, required=True)
    device = schemas.Text(200, required=True)


class Begun(schemas.Schema):
    """A recovery, the seconds until it hands the keys out and until it is over, and how it goes on.

    *mail* says that a code was sent; then this is the answer to a wrong recovery code as well.
    """

    recovery = schemas.Bytes(TOKEN_BYTES)
    ready_in = fields.Integer()
    expires_in = fields.Integer()
    mail = fields.Boolean()


QUESTION = Question()
BEGUN = Begun()


class Recoveries:
    """``/auth/recovery``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=QUESTION, response=BEGUN, status=202)}

    def __init__(self, pool: db.Pool, post: Post, delay_s: int) -> None:
        self._pool = pool
        self._post = post
        self._delay_s = delay_s

    def on_post(self, req: Request, resp: Response) -> None:
        """Begin a recovery, or begin it again: the delay goes on from when it began."""
        question, address = schemas.read(QUESTION, req), caller.address(req)
        limits.take(self._pool, *begun_for(question["email"], address), *attempts(address))
        token, told = secrets.token_bytes(TOKEN_BYTES), None
        with self._pool.connection() as conn:
            known = sql.known(conn, question["email"])
            user_id = _proven(question, known)
            if user_id or self._post.enabled:
                told = self._begin(conn, token, user_id, question, address)
            action = Action.RECOVERY_BEGUN if user_id else Action.RECOVERY_REFUSED
            audit.record(conn, req, action, user_id=known.user_id)
        if told is None:  # after the transaction: the refusal stays written
            raise problems.WrongCredentials
        resp.status = HTTP_ACCEPTED
        resp.media = BEGUN.dump(
            {
                "recovery": token,
                "ready_in": told.ready_in_s,
                "expires_in": told.expires_in_s,
                "mail": self._post.enabled,
            }
        )

    def _begin(
        self,
        conn: Connection,
        token: bytes,
        user_id: UUID | None,
        question: dict[str, Any],
        address: str,
    ) -> Times:
        """Write recovery and letter: with nobody's name where the code was wrong."""
        code, device = codes.make(), question["device"]
        times = sql.begin(
            conn,
            token_hash=stored(token),
            user_id=user_id,
            mail_hash=mailed(token, code) if self._post.enabled else None,
            device=device,
            address=address,
            delay_s=self._delay_s,
            open_s=OPEN_SECONDS,
        )
        letter = letters.recovery_begun(
            codes.write(code), times.ready_in_s, device, networks.of(address), self._post.origin
        )
        self._post.send(conn, question["email"] if user_id else None, letter)
        return times


def begun_for(email: str | None, address: str) -> tuple[tuple[limits.Rule, limits.Subject], ...]:
    """Return what the beginning of a recovery counts for besides, and its end forgives."""
    pair = limits.pair(email, address) if email else None
    return (limits.RECOVERY_PAIR, pair), (limits.RECOVERY_EMAIL, email)


def attempts(address: str) -> tuple[tuple[limits.Rule, limits.Subject], ...]:
    """Return what every step of a recovery counts for."""
    return (limits.RECOVERY_NETWORK, limits.network(address)), (limits.RECOVERY_ALL, "")


def stored(token: bytes) -> bytes:
    """Return what the database keeps of a recovery's token."""
    return hashlib.sha256(token).digest()


def mailed(token: bytes, code: bytes) -> bytes:
    """Return what the database keeps of the code that was mailed for *token*."""
    return hashlib.sha256(b"keyarc/recovery-mail\0" + token + code).digest()


def matches(recovery: Recovery, recovery_auth: bytes) -> bool:
    """Tell whether the recovery code is the one that the recovery was begun with."""
    user_id = recovery.user_id or UUID(int=0)
    verifier = encoding.verifier(user_id, recovery_auth)
    return hmac.compare_digest(verifier, recovery.recovery_verifier or NO_VERIFIER)


def _proven(question: dict[str, Any], known: Known) -> UUID | None:
    """Return whose code it is; the work is the same where there is no such account."""
    decoy_id = decoys.derive_user_id(known.decoy_key, question["email"])
    verifier = encoding.verifier(known.user_id or decoy_id, question["recovery_auth"])
    right = hmac.compare_digest(verifier, known.recovery_verifier or NO_VERIFIER)
    return known.user_id if right else None
