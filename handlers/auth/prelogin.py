"""What a client needs before it can derive its proof."""

from typing import ClassVar

from falcon import Request, Response

from handlers.auth import decoys
from handlers.auth import prelogin_sql as sql
from shared import caller, db, limits, schemas
from shared.keyarc.encoding import SUITE
from shared.operations import Operation


class Question(schemas.Schema):
    """An address."""

    email = schemas.Email(required=True)


class Answer(schemas.Schema):
    """The salt of its account. There are no parameters: they are constants of the suite."""

    user_id = schemas.Id()
    suite = schemas.Only(SUITE)
    salt = schemas.Bytes(16)


QUESTION = Question()
ANSWER = Answer()


class Prelogin:
    """``/auth/prelogin``."""

    public = True
    operations: ClassVar = {"on_post": Operation(request=QUESTION, response=ANSWER)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response) -> None:
        """Tell id and salt; an address without account gets its own, and always the same."""
        email = schemas.read(QUESTION, req)["email"]
        network = limits.network(caller.address(req))
        limits.take(self._pool, (limits.PRELOGIN_NETWORK, network))
        asked = self._pool.read(lambda conn: sql.asked(conn, email))
        # Always made, so that the time does not tell which ones are sent.
        user_id = decoys.derive_user_id(asked.decoy_key, email)
        salt = decoys.derive_salt(asked.decoy_key, email)
        if asked.known:
            user_id, salt = asked.user_id, asked.salt
        resp.media = ANSWER.dump({"user_id": user_id, "suite": SUITE, "salt": salt})
