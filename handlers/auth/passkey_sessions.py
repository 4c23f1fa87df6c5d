"""Logging in by a passkey alone: it is held, it knows its person, and it names the account."""

from typing import Any, ClassVar

from falcon import Request, Response

from handlers.auth import challenges, new_sessions, passkeys, tokens
from handlers.auth.challenges import Purpose
from handlers.auth.new_sessions import SESSION
from shared import audit, browsers, caller, db, limits, problems, relying_party, schemas
from shared.audit import Action
from shared.mail import Post
from shared.operations import Operation
from shared.schemas import Schema


class Asked(Schema):
    """A challenge for whichever passkey there is."""

    challenge = schemas.Bytes(challenges.CHALLENGE_BYTES)
    expires_in = schemas.Only(challenges.SECONDS)


class Proof(passkeys.Answer):
    """An answer, and what the person calls this device."""

    device = schemas.Text(200, required=True)


ASKED = Asked()
PROOF = Proof()


class PasskeySessions:
    """``/auth/passkey-sessions`` and its ``/options``."""

    public = True
    operations: ClassVar = {
        "on_post": Operation(request=PROOF, response=SESSION, status=201),
        "on_post_options": Operation(response=ASKED),
    }

    def __init__(
        self, pool: db.Pool, tokens_: tokens.Tokens, origins: browsers.Origins, post: Post
    ) -> None:
        self._pool = pool
        self._tokens = tokens_
        self._origins = origins
        self._post = post

    def on_post_options(self, req: Request, resp: Response) -> None:
        """Ask for a passkey, whosever it is."""
        relying_party.of(req, self._origins.origins)
        limits.take(self._pool, *_tries(req))
        with self._pool.connection() as conn:
            challenge = challenges.ask(conn, Purpose.PASSKEY)
        resp.media = ASKED.dump({"challenge": challenge, "expires_in": challenges.SECONDS})

    def on_post(self, req: Request, resp: Response) -> None:
        """Log in: a passkey that has checked its person stands for both factors."""
        proof = schemas.read(PROOF, req)
        party = relying_party.of(req, self._origins.origins)
        browser = new_sessions.for_browser(req, self._origins)
        limits.take(self._pool, *_tries(req))
        begun = None
        with self._pool.connection() as conn:
            challenges.hold(conn, proof["challenge"], Purpose.PASSKEY)
            passkey = passkeys.find(conn, proof["credential"])
            right = passkey is not None and passkeys.answers(
                conn, passkey, proof, party, alone=True
            )
            challenges.settle(conn, proof["challenge"], right=right)
            if passkey and right:
                begun = new_sessions.begin(
                    conn,
                    req,
                    passkey.user_id,
                    proof["device"],
                    browser=browser,
                    post=self._post,
                    unlock=passkeys.unlock(passkey),
                )
            else:
                whose = passkey.user_id if passkey else None
                audit.record(conn, req, Action.SESSION_REFUSED, user_id=whose)
        if begun is None:  # after the transaction: the refusal stays written
            raise problems.WrongCredentials
        limits.forgive(self._pool, *_tries(req))
        new_sessions.answer(resp, self._tokens, begun)


def _tries(req: Request) -> tuple[tuple[limits.Rule, Any], ...]:
    return (
        (limits.LOGIN_NETWORK, limits.network(caller.address(req))),
        (limits.LOGIN_ALL, ""),
    )
