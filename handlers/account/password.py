"""Another password or account key: the user key stays, and is sealed under what they come to."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import Request, Response

from handlers.account import key_changes
from handlers.account import keys_sql as sql
from shared import db, mail, schemas
from shared.audit import Action
from shared.keyarc import encoding
from shared.keyarc.encoding import ObjectType
from shared.letters import Change
from shared.operations import Operation
from shared.schemas import Schema


class Draft(Schema):
    """What opens the account from now on; *keyset* is the next one."""

    keyset = schemas.U64(required=True)
    salt = schemas.Bytes(16, required=True)
    auth = schemas.Bytes(32, required=True)
    user_key = schemas.Blob(ObjectType.USER_KEY_BY_PASSWORD, required=True)
    identity = schemas.Blob(ObjectType.IDENTITY, required=True)


class Changed(Schema):
    """The keyset that now holds."""

    keyset = schemas.U64()


DRAFT = Draft()
CHANGED = Changed()


class Passwords:
    """``/api/account/password``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_put": Operation(request=DRAFT, response=CHANGED)
    }

    def __init__(self, pool: db.Pool, post: mail.Post) -> None:
        self._pool = pool
        self._post = post

    def on_put(self, req: Request, resp: Response) -> None:
        """Replace password or account key, after a fresh proof; every other session ends."""
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        verifier = encoding.verifier(actor.user_id, draft["auth"])
        with self._pool.connection() as conn:
            key_changes.begin(conn, actor, draft["keyset"] - 1)
            sql.raise_keyset(conn, actor.user_id, draft["salt"])
            blobs = draft["user_key"], draft["identity"]
            sql.replace_access(conn, actor.user_id, verifier, *blobs)
            key_changes.end(conn, req, self._post, Action.PASSWORD_CHANGED, Change.PASSWORD)
        resp.media = CHANGED.dump(draft)
