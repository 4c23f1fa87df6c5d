"""The second step of a login: the answer to the challenge that the right password received."""

from collections.abc import Callable
from typing import Any, ClassVar

from falcon import Request, Response

from handlers.auth import accounts_sql, challenges, new_sessions, passkeys, second_factor, tokens
from handlers.auth.challenges import Login
from handlers.auth.new_sessions import SESSION
from shared import audit, browsers, caller, db, limits, problems, relying_party, schemas
from shared.audit import Action
from shared.db import Connection
from shared.mail import Post
from shared.operations import Operation

# Tells whether an answer is right, and what the passkey that gave it can open.
Judge = Callable[[Connection, Login], tuple[bool, dict[str, Any] | None]]


class CodeAnswer(schemas.Schema):
    """A code of the authenticator app, or a backup code."""

    challenge = schemas.Bytes(challenges.CHALLENGE_BYTES, required=True)
    code = schemas.Text(second_factor.CODE_CHARACTERS, required=True)


CODE_ANSWER = CodeAnswer()


class SecondSteps:
    """``/auth/sessions/totp`` and ``/auth/sessions/passkey``."""

    public = True
    operations: ClassVar = {
        "on_post_code": Operation(request=CODE_ANSWER, response=SESSION, status=201),
        "on_post_passkey": Operation(request=passkeys.ANSWER, response=SESSION, status=201),
    }

    def __init__(
        self, pool: db.Pool, tokens_: tokens.Tokens, origins: browsers.Origins, post: Post
    ) -> None:
        self._pool = pool
        self._tokens = tokens_
        self._origins = origins
        self._post = post

    def on_post_code(self, req: Request, resp: Response) -> None:
        """Finish a login by a code; each one works once."""
        answer = schemas.read(CODE_ANSWER, req)

        def judge(conn: Connection, login: Login) -> tuple[bool, None]:
            return second_factor.take(conn, login.user_id, answer["code"]), None

        self._finish(req, resp, answer["challenge"], judge)

    def on_post_passkey(self, req: Request, resp: Response) -> None:
        """Finish a login by a passkey."""
        answer = schemas.read(passkeys.ANSWER, req)
        party = relying_party.of(req, self._origins.origins)

        def judge(conn: Connection, login: Login) -> tuple[bool, dict[str, Any] | None]:
            passkey = passkeys.prove(conn, answer, party, login.user_id)
            return passkey is not None, passkeys.unlock(passkey) if passkey else None

        self._finish(req, resp, answer["challenge"], judge)

    def _finish(self, req: Request, resp: Response, challenge: bytes, judge: Judge) -> None:
        browser = new_sessions.for_browser(req, self._origins)
        with self._pool.connection() as conn:
            whose = challenges.hold_login(conn, challenge).user_id
        tries = second_factor.tries(whose, caller.address(req))
        limits.take(self._pool, *tries)
        begun = None
        with self._pool.connection() as conn:
            accounts_sql.hold(conn, whose)
            login = challenges.hold_login(conn, challenge)
            right, unlock = judge(conn, login)
            challenges.settle(conn, challenge, right=right)
            if right:
                begun = new_sessions.begin(
                    conn,
                    req,
                    login.user_id,
                    login.device,
                    browser=browser,
                    post=self._post,
                    unlock=unlock,
                )
            else:
                audit.record(conn, req, Action.CODE_REFUSED, user_id=login.user_id)
        if begun is None:  # after the transaction: the wrong answer stays counted
            raise problems.WrongCode
        limits.forgive(self._pool, *tries)
        new_sessions.answer(resp, self._tokens, begun)
