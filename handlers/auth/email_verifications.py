"""Addresses are proved by the link in a letter: then an account is made, or changes its address."""

import hashlib
import secrets
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from falcon import HTTP_CREATED, Request, Response

from handlers.auth import accounts_sql, challenges_sql, device_requests_sql, recovery_sql
from handlers.auth import email_verifications_sql as sql
from handlers.auth.email_verifications_sql import Verification
from shared import audit, caller, db, letters, limits, mail, problems, schemas
from shared.audit import Action
from shared.db import Connection
from shared.keyarc.encoding import b64, unb64
from shared.operations import Operation

TOKEN_BYTES = 32


class Token(schemas.Schema):
    """What the link of a letter ends with."""

    token = schemas.Bytes(TOKEN_BYTES, required=True)


class Verified(schemas.Schema):
    """The address that an account now has."""

    email = schemas.Email()


TOKEN = Token()
VERIFIED = Verified()


class EmailVerifications:
    """``/auth/email-verifications``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=TOKEN, response=VERIFIED, status=201)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response) -> None:
        """Prove an address; the token works once, for a day."""
        token = schemas.read(TOKEN, req)["token"]
        tries = (limits.VERIFICATION_NETWORK, limits.network(caller.address(req)))
        limits.take(self._pool, tries)
        with self._pool.connection() as conn:
            found = sql.take(conn, stored(token))
            if found.user_id is None:
                _make_account(conn, req, found)
            else:
                _change_email(conn, req, found.user_id, found.email)
        limits.forgive(self._pool, tries)
        resp.status = HTTP_CREATED
        resp.media = VERIFIED.dump({"email": found.email})


def begin(conn: Connection, post: mail.Post, account: dict[str, Any]) -> None:
    """Write to the address of a sign-up: a link to its account, or that there is one already.

    The work is the same: a sign-up for an address with account waits as well, for nobody.
    """
    email = account["email"]
    token = secrets.token_bytes(TOKEN_BYTES)
    sql.add_sign_up(conn, stored(token), email, {key: _told(account[key]) for key in account})
    link = f"{post.origin}/verify#{b64(token)}"
    new, known = letters.sign_up(link), letters.already_signed_up(post.origin)
    post.send(conn, email, known if sql.is_known(conn, email) else new)


def stored(token: bytes) -> bytes:
    """Return what the database keeps of *token*."""
    return hashlib.sha256(token).digest()


def _make_account(conn: Connection, req: Request, found: Verification) -> None:
    account = {key: _read(value) for key, value in (found.account or {}).items()}
    account["user_id"] = UUID(account["user_id"])
    if not accounts_sql.add(conn, account):
        raise problems.NotFound  # somebody was faster, for instance by an earlier letter
    audit.record(conn, req, Action.ACCOUNT_CREATED, user_id=account["user_id"])


def _change_email(conn: Connection, req: Request, user_id: UUID, email: str) -> None:
    try:
        sql.change_email(conn, user_id, email)
    except psycopg.errors.UniqueViolation as ex:
        raise problems.NotFound from ex  # it has got an account meanwhile
    # What was begun by the old address; other sessions ended when the change was asked for.
    challenges_sql.end_all(conn, user_id)
    device_requests_sql.end_all(conn, user_id)
    recovery_sql.stop(conn, user_id)
    audit.record(conn, req, Action.EMAIL_CHANGED, user_id=user_id)


def _told(value: Any) -> Any:
    """Return a part of an account as JSON: bytes in a list, so that they are told from text."""
    if isinstance(value, bytes):
        return [b64(value)]
    return str(value) if isinstance(value, UUID) else value


def _read(value: Any) -> Any:
    return unb64(value[0]) if isinstance(value, list) else value
