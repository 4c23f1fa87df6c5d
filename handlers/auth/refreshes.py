"""New tokens for old: a refresh token works once, and a second use ends its session."""

from typing import ClassVar

from falcon import Request, Response

from handlers.auth import sessions_sql as sql
from handlers.auth import tokens
from handlers.auth.sessions_sql import Presented
from handlers.auth.tokens import Grant
from shared import audit, browsers, db, problems, schemas
from shared.access_tokens import ACCESS_SECONDS
from shared.audit import Action
from shared.db import Connection
from shared.keyarc import encoding
from shared.keyarc.encoding import Broken
from shared.operations import Operation


class Question(schemas.Schema):
    """A client's refresh token; a browser's is a cookie."""

    refresh_token = schemas.Bytes(tokens.TOKEN_BYTES)


class Answer(schemas.Schema):
    """The tokens that replace the old ones; a browser's are cookies."""

    access_token = schemas.Text(4096)
    refresh_token = schemas.Bytes(tokens.TOKEN_BYTES)
    expires_in = schemas.Only(ACCESS_SECONDS)


QUESTION = Question()
ANSWER = Answer()


class Refreshes:
    """``/auth/sessions/refresh``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=QUESTION, response=ANSWER)}

    def __init__(self, pool: db.Pool, tokens_: tokens.Tokens, origins: browsers.Origins) -> None:
        self._pool = pool
        self._tokens = tokens_
        self._origins = origins

    def on_post(self, req: Request, resp: Response) -> None:
        """Renew both tokens."""
        browser = browsers.is_browser(req)
        token = self._presented(req, browser=browser)
        with self._pool.connection() as conn:
            found = sql.presented(conn, tokens.stored(token))
            # A token of the page is good for the page only, and one of a client for clients.
            if found is None or not found.alive or found.browser is not browser:
                raise problems.SessionEnded
            successor = self._successor(conn, found, token)
            if successor:
                lifetime_s = sql.refresh(conn, found.session_id)
            else:
                sql.end(conn, found.session_id)
                whose = {"user_id": found.user_id, "session_id": found.session_id}
                audit.record(conn, req, Action.SESSION_REUSED, **whose)
        if successor is None:  # after the transaction: the end of the session stays written
            raise problems.SessionEnded
        grant = Grant(found.user_id, found.session_id, successor, browser, lifetime_s)
        resp.media = ANSWER.dump(self._tokens.hand_out(resp, grant))

    def _presented(self, req: Request, *, browser: bool) -> bytes:
        """Return the token from where it belongs: a browser's cookie, or a client's body."""
        given: bytes | None = schemas.read(QUESTION, req).get("refresh_token")
        if not browser:
            if given is None:
                raise problems.Invalid({"refresh_token": ["Missing data for required field."]})
            return given
        if given is not None:
            raise problems.Invalid({"refresh_token": ["A browser's token is a cookie."]})
        if not self._origins.admit(req):
            raise problems.NotSignedIn
        try:
            cookie = browsers.cookie(req, browsers.REFRESH_COOKIE)
            return encoding.unb64(cookie, tokens.TOKEN_BYTES)
        except Broken as ex:
            raise problems.SessionEnded from ex

    def _successor(self, conn: Connection, found: Presented, token: bytes) -> bytes | None:
        """Return the next token, or none where this one was spent before.

        Spent a moment ago, and its successor never: then its answer was lost, and is given again.
        """
        successors = tokens.derive_successors(self._tokens.secrets, token)
        if not found.spent:
            sql.spend(conn, tokens.stored(token))
            sql.issue(conn, found.session_id, tokens.stored(successors[0]))
            return successors[0]
        if not found.just_spent:
            return None
        by_hash = {tokens.stored(successor): successor for successor in successors}
        again = sql.unspent(conn, found.session_id, list(by_hash))
        return by_hash[again.token_hash] if again else None
