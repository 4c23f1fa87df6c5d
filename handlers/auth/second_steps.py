"""The second step of a login: the answer to the challenge that the right password received."""

from typing import ClassVar

from falcon import Request, Response

from handlers.auth import challenges, new_sessions, second_factor, tokens
from handlers.auth.new_sessions import SESSION
from shared import audit, browsers, db, problems, schemas
from shared.audit import Action
from shared.operations import Operation


class CodeAnswer(schemas.Schema):
    """A code of the authenticator app, or a backup code."""

    challenge = schemas.Bytes(challenges.CHALLENGE_BYTES, required=True)
    code = schemas.Text(second_factor.CODE_CHARACTERS, required=True)


CODE_ANSWER = CodeAnswer()


class CodeSteps:
    """``/auth/sessions/totp``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=CODE_ANSWER, response=SESSION, status=201)}

    def __init__(self, pool: db.Pool, tokens_: tokens.Tokens, origins: browsers.Origins) -> None:
        self._pool = pool
        self._tokens = tokens_
        self._origins = origins

    def on_post(self, req: Request, resp: Response) -> None:
        """Finish a login by a code; each one works once."""
        answer = schemas.read(CODE_ANSWER, req)
        browser = new_sessions.for_browser(req, self._origins)
        challenge, begun = answer["challenge"], None
        with self._pool.connection() as conn:
            asked = challenges.hold_login(conn, challenge)
            right = second_factor.take(conn, asked.user_id, answer["code"])
            challenges.settle(conn, challenge, right=right)
            if right:
                begun = new_sessions.begin(conn, req, asked.user_id, asked.device, browser=browser)
            else:
                audit.record(conn, req, Action.CODE_REFUSED, user_id=asked.user_id)
        if begun is None:  # after the transaction: the wrong answer stays counted
            raise problems.WrongCode
        new_sessions.answer(resp, self._tokens, begun)
