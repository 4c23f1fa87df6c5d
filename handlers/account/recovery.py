"""The recovery code, which can be replaced, and a running recovery, which can be stopped."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.account import key_changes, keys_sql
from handlers.account import recovery_sql as sql
from handlers.account.password import CHANGED
from shared import audit, db, mail, schemas, vault_log
from shared.audit import Action
from shared.keyarc import encoding
from shared.keyarc.encoding import ObjectType
from shared.letters import Change
from shared.operations import Operation
from shared.schemas import Schema


class Draft(Schema):
    """What a new recovery code proves and opens, sealed under *keyset*, which stays."""

    keyset = schemas.U64(required=True)
    recovery_auth = schemas.Bytes(32, required=True)
    recovery_user_key = schemas.Blob(ObjectType.USER_KEY_BY_RECOVERY_CODE, required=True)


DRAFT = Draft()


class Recovery:
    """``/api/account/recovery``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_put": Operation(request=DRAFT, response=CHANGED),
        "on_delete": Operation(status=204),
    }

    def __init__(self, pool: db.Pool, post: mail.Post) -> None:
        self._pool = pool
        self._post = post

    def on_put(self, req: Request, resp: Response) -> None:
        """Replace the recovery code, after a fresh proof; every other session ends."""
        draft = schemas.read(DRAFT, req)
        actor, keyset = req.context.actor, draft["keyset"]
        verifier = encoding.verifier(actor.user_id, draft["recovery_auth"])
        with self._pool.connection() as conn:
            key_changes.begin(conn, actor, keyset)
            sealed = draft["recovery_user_key"]
            keys_sql.replace_recovery(conn, actor.user_id, verifier, sealed, keyset)
            change = Action.RECOVERY_CODE_REPLACED, Change.RECOVERY_CODE
            key_changes.end(conn, req, self._post, *change)
        resp.media = CHANGED.dump(draft)

    def on_delete(self, req: Request, resp: Response) -> None:
        """Stop the recovery, if one runs; without a proof, because it must be quick."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            if sql.stop(conn, actor.user_id):
                audit.record(conn, req, Action.RECOVERY_CANCELLED)
        resp.status = HTTP_NO_CONTENT
