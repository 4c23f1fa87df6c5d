"""The end of a recovery: new keys of access, and a session."""

from typing import Any, ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.auth import (
    accounts_sql,
    challenges_sql,
    device_requests_sql,
    email_verifications_sql,
    new_sessions,
    recovery,
    sessions_sql,
    tokens,
)
from handlers.auth import recovery_sql as sql
from handlers.auth.new_sessions import SESSION
from shared import audit, browsers, caller, db, letters, limits, networks, problems, schemas
from shared.audit import Action
from shared.db import Connection
from shared.keyarc import encoding
from shared.keyarc.encoding import ObjectType
from shared.mail import Post
from shared.operations import Operation


class Draft(schemas.Schema):
    """New keys of access, all sealed for *keyset*, by whoever received the old ones."""

    recovery = schemas.Bytes(recovery.TOKEN_BYTES, required=True)
    recovery_auth = schemas.Bytes(32, required=True)
    keyset = schemas.U64(required=True)
    salt = schemas.Bytes(16, required=True)
    auth = schemas.Bytes(32, required=True)
    user_key = schemas.Blob(ObjectType.USER_KEY_BY_PASSWORD, required=True)
    identity = schemas.Blob(ObjectType.IDENTITY, required=True)
    new_recovery_auth = schemas.Bytes(32, required=True)
    recovery_user_key = schemas.Blob(ObjectType.USER_KEY_BY_RECOVERY_CODE, required=True)
    device = schemas.Text(200, required=True)


DRAFT = Draft()


class RecoveryFinish:
    """``/auth/recovery/finish``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=DRAFT, response=SESSION, status=201)}

    def __init__(
        self, pool: db.Pool, post: Post, tokens_: tokens.Tokens, origins: browsers.Origins
    ) -> None:
        self._pool = pool
        self._post = post
        self._tokens = tokens_
        self._origins = origins

    def on_post(self, req: Request, resp: Response) -> None:
        """Replace password, account key and recovery code; what was begun before is over."""
        draft, address = schemas.read(DRAFT, req), caller.address(req)
        browser = new_sessions.for_browser(req, self._origins)
        tries = recovery.attempts(address)
        limits.take(self._pool, *tries)
        begun = None
        with self._pool.connection() as conn:
            held = sql.find(conn, recovery.stored(draft["recovery"]))
            if held is None:
                raise problems.ChallengeEnded
            user_id, email = held.user_id, held.email
            if user_id is None or not recovery.matches(held, draft["recovery_auth"]):
                audit.record(conn, req, Action.RECOVERY_REFUSED, user_id=user_id)
            elif held.released:
                _replace(conn, user_id, draft)
                audit.record(conn, req, Action.RECOVERY_FINISHED, user_id=user_id)
                told = draft["device"], networks.of(address), self._post.origin
                self._post.send(conn, email, letters.recovery_finished(*told))
                begun = new_sessions.begin(conn, req, user_id, draft["device"], browser=browser)
            else:
                raise problems.ProofNeeded
        if begun is None:  # after the transaction: the refusal stays written
            raise problems.WrongCredentials
        limits.forgive(self._pool, *recovery.begun_for(email, address), *tries)
        new_sessions.answer(resp, self._tokens, begun)


def _replace(conn: Connection, user_id: UUID, draft: dict[str, Any]) -> None:
    """Put the new keys in the place of the old ones, and end what those had begun."""
    verifiers = {
        "verifier": encoding.verifier(user_id, draft["auth"]),
        "recovery_verifier": encoding.verifier(user_id, draft["new_recovery_auth"]),
    }
    sealed = {name: draft[name] for name in ("salt", "user_key", "recovery_user_key", "identity")}
    # Users first, as everything that changes keys or begins a session.
    if not accounts_sql.recover(conn, user_id, draft["keyset"], **verifiers, **sealed):
        raise problems.StaleKeyset(accounts_sql.keys(conn, user_id).keyset)
    if not sql.finish(conn, recovery.stored(draft["recovery"])):  # stopped at this moment
        raise problems.ChallengeEnded
    sessions_sql.end_all(conn, user_id)
    challenges_sql.end_all(conn, user_id)
    device_requests_sql.end_all(conn, user_id)
    email_verifications_sql.end_changes(conn, user_id)
