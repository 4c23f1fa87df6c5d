"""Another address for an account: at once, or with mail by the link in a letter to it."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import ClassVar

import psycopg
from falcon import HTTP_ACCEPTED, Request, Response

from handlers.account import email_sql as sql
from handlers.account import key_changes, notices_sql, proofs
from shared import audit, db, letters, limits, mail, networks, problems, relays, schemas
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.keyarc.encoding import b64
from shared.operations import Operation
from shared.schemas import Schema

TOKEN_BYTES = 32  # auth's email_verifications.py takes it, and keeps the same hash of it


class Draft(Schema):
    """The address that the account is to have."""

    email = schemas.Email(required=True)


class NothingYet(Schema):
    """A letter is on its way."""


DRAFT = Draft()


class Emails:
    """``/api/account/email``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_put": Operation(request=DRAFT, response=DRAFT, also={202: NothingYet()})
    }

    def __init__(self, pool: db.Pool, post: mail.Post) -> None:
        self._pool = pool
        self._post = post

    def on_put(self, req: Request, resp: Response) -> None:
        """Change the address after a fresh proof: 200 or 409, with mail 202 for every address."""
        email = schemas.read(DRAFT, req)["email"]
        if self._post.enabled and not relays.can_reach(email):
            raise problems.Invalid({"email": ["Mail cannot be sent there."]})
        actor = req.context.actor
        limits.take(self._pool, (limits.EMAIL_CHANGE_PERSON, actor.user_id))
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            key_changes.end_other_ways(conn, actor)
            if self._post.enabled:
                self._ask(conn, actor, email)
                audit.record(conn, req, Action.EMAIL_CHANGE_BEGUN)
            else:
                _replace(conn, actor, email)
                audit.record(conn, req, Action.EMAIL_CHANGED)
        if self._post.enabled:
            resp.status = HTTP_ACCEPTED
            resp.media = {}
        else:
            resp.media = DRAFT.dump({"email": email})

    def _ask(self, conn: Connection, actor: Actor, email: str) -> None:
        """Write to the new address, and to the old one that somebody asks for another.

        The work is the same where the address has an account: then only its owner is told.
        """
        token = secrets.token_bytes(TOKEN_BYTES)
        sql.add(conn, hashlib.sha256(token).digest(), email, actor.user_id)
        link = letters.email_change(f"{self._post.origin}/verify#{b64(token)}")
        known = letters.already_signed_up(self._post.origin)
        self._post.send(conn, email, known if sql.is_known(conn, email) else link)
        old = notices_sql.recipient(conn, actor.session_id)
        where = old.device, networks.of(actor.address)
        self._post.send(conn, old.email, letters.email_changing(*where, self._post.origin))


def _replace(conn: Connection, actor: Actor, email: str) -> None:
    try:
        sql.replace(conn, actor.user_id, email)
    except psycopg.errors.UniqueViolation as ex:
        raise problems.AccountExists from ex
