"""Logging in and out."""

import hmac
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

from falcon import HTTP_CREATED, HTTP_NO_CONTENT, Request, Response

from handlers.auth import accounts_sql, decoys, tokens
from handlers.auth import sessions_sql as sql
from handlers.auth.accounts_sql import Known
from handlers.auth.tokens import Grant
from shared import audit, browsers, caller, db, problems, schemas
from shared.access_tokens import ACCESS_SECONDS
from shared.audit import Action
from shared.db import Connection
from shared.keyarc import encoding
from shared.keyarc.encoding import SUITE
from shared.operations import Operation

NO_VERIFIER = bytes(32)


class Proof(schemas.Schema):
    """An address, the proof that goes with it, and what the person calls this device."""

    email = schemas.Email(required=True)
    auth = schemas.Bytes(32, required=True)
    device = schemas.Text(200, required=True)


class Keyring(schemas.Schema):
    """The sealed keyring at its revision."""

    revision = schemas.U64()
    blob = schemas.Bytes()


class Session(schemas.Schema):
    """A session with everything that opens the account; a browser's tokens are cookies."""

    user_id = schemas.Id()
    session_id = schemas.Id()
    suite = schemas.Only(SUITE)
    salt = schemas.Bytes(16)
    keyset = schemas.U64()
    user_key = schemas.Bytes()
    identity = schemas.Bytes()
    idcert = schemas.Bytes()
    keyring = schemas.Nested(Keyring)
    access_token = schemas.Text(4096)
    refresh_token = schemas.Bytes(tokens.TOKEN_BYTES)
    expires_in = schemas.Only(ACCESS_SECONDS)


PROOF = Proof()
SESSION = Session()


class Sessions:
    """``/auth/sessions``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=PROOF, response=SESSION, status=201)}

    def __init__(self, pool: db.Pool, tokens_: tokens.Tokens, origins: browsers.Origins) -> None:
        self._pool = pool
        self._tokens = tokens_
        self._origins = origins

    def on_post(self, req: Request, resp: Response) -> None:
        """Log in: no wrapped key before the proof."""
        proof = schemas.read(PROOF, req)
        browser = browsers.is_browser(req)
        if browser and not self._origins.admit(req):
            raise problems.NotSignedIn
        with self._pool.connection() as conn:
            known = accounts_sql.known(conn, proof["email"])
            user_id = _proven(proof, known)
            if user_id:
                begun = _begin(conn, req, user_id, proof["device"], browser=browser)
            else:
                audit.record(conn, req, Action.SESSION_REFUSED, user_id=known.user_id)
        if user_id is None:  # after the transaction: the refusal stays written
            raise problems.WrongCredentials
        handed = self._tokens.hand_out(resp, begun.grant)
        resp.status = HTTP_CREATED
        resp.media = SESSION.dump({**begun.media, "salt": known.salt, **handed})


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


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: what its tokens are made of, and what opens the account."""

    grant: Grant
    media: dict[str, Any]


def _proven(proof: dict[str, Any], known: Known) -> UUID | None:
    """Return whose proof it is; the work is the same where there is no such account."""
    user_id = known.user_id or decoys.derive_user_id(known.decoy_key, proof["email"])
    verifier = encoding.verifier(user_id, proof["auth"])
    right = hmac.compare_digest(verifier, known.verifier or NO_VERIFIER)
    return known.user_id if right else None


def _begin(conn: Connection, req: Request, user_id: UUID, device: str, *, browser: bool) -> Begun:
    session_id = uuid4()
    refresh_token = tokens.make_refresh_token()
    keys = accounts_sql.keys(conn, user_id)
    lifetime_s = sql.add(conn, session_id, user_id, device, caller.address(req), browser=browser)
    sql.issue(conn, session_id, tokens.stored(refresh_token))
    audit.record(conn, req, Action.SESSION_STARTED, user_id=user_id, session_id=session_id)
    return Begun(
        Grant(user_id, session_id, refresh_token, browser, lifetime_s),
        {
            "user_id": user_id,
            "session_id": session_id,
            "suite": SUITE,
            "keyset": keys.keyset,
            "user_key": keys.user_key,
            "identity": keys.identity,
            "idcert": keys.idcert,
            "keyring": {"revision": keys.revision, "blob": keys.keyring},
        },
    )
