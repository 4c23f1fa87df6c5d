"""Logging in and out."""

import hmac
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.auth import accounts_sql, decoys, new_sessions, second_factor, tokens
from handlers.auth import sessions_sql as sql
from handlers.auth.accounts_sql import Known
from handlers.auth.challenges import Purpose
from handlers.auth.new_sessions import SESSION
from shared import audit, browsers, caller, db, limits, problems, schemas
from shared.audit import Action
from shared.keyarc import encoding
from shared.mail import Post
from shared.operations import Operation


class Proof(schemas.Schema):
    """An address, the proof that goes with it, and what the person calls this device."""

    email = schemas.Email(required=True)
    auth = schemas.Bytes(32, required=True)
    device = schemas.Text(200, required=True)


PROOF = Proof()


class Sessions:
    """``/auth/sessions``."""

    public = True
    operations: ClassVar = {
        "on_post": Operation(
            request=PROOF, response=SESSION, status=201, also={200: second_factor.NEEDED}
        )
    }

    def __init__(
        self, pool: db.Pool, tokens_: tokens.Tokens, origins: browsers.Origins, post: Post
    ) -> None:
        self._pool = pool
        self._tokens = tokens_
        self._origins = origins
        self._post = post

    def on_post(self, req: Request, resp: Response) -> None:
        """Log in: no wrapped key before every proof; 200 asks for a second factor."""
        proof = schemas.read(PROOF, req)
        browser = new_sessions.for_browser(req, self._origins)
        device, needed, begun = proof["device"], None, None
        tries = limits.login(proof["email"], caller.address(req))
        limits.take(self._pool, *tries)
        with self._pool.connection() as conn:
            known = accounts_sql.known(conn, proof["email"])
            user_id = _proven(proof, known)
            if user_id:
                accounts_sql.hold(conn, user_id)
                user_id = _proven(proof, accounts_sql.known(conn, proof["email"]))
            if user_id is None:
                audit.record(conn, req, Action.SESSION_REFUSED, user_id=known.user_id)
            elif not (needed := second_factor.needed(conn, Purpose.LOGIN, user_id, device)):
                begun = new_sessions.begin(
                    conn, req, user_id, device, browser=browser, post=self._post
                )
        if user_id is None:  # after the transaction: the refusal stays written
            raise problems.WrongCredentials
        limits.forgive(self._pool, *tries)
        if begun:
            new_sessions.answer(resp, self._tokens, begun)
        else:
            resp.media = needed


class CurrentSession:
    """``/auth/sessions/current``: the session that the request came by."""

    operations: ClassVar = {"on_delete": Operation(status=204)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_delete(self, req: Request, resp: Response) -> None:
        """Log out."""
        with self._pool.connection() as conn:
            if sql.end(conn, req.context.actor.session_id):
                audit.record(conn, req, Action.SESSION_ENDED)
        tokens.clear_cookies(resp)
        resp.status = HTTP_NO_CONTENT


def _proven(proof: dict[str, Any], known: Known) -> UUID | None:
    """Return whose proof it is; the work is the same where there is no such account."""
    decoy_id = decoys.derive_user_id(known.decoy_key, proof["email"])
    verifier = encoding.verifier(known.user_id or decoy_id, proof["auth"])
    right = hmac.compare_digest(verifier, known.verifier)
    return known.user_id if right else None
