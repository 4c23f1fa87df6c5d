"""A person's keyring: their own trusted memory, sealed."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import Request, Response

from handlers.account import keyring_sql as sql
from shared import audit, db, problems, schemas, vault_log
from shared.audit import Action
from shared.keyarc.encoding import ObjectType
from shared.operations import Operation
from shared.schemas import Schema


class Keyring(Schema):
    """The sealed keyring and its number."""

    revision = schemas.U64()
    blob = schemas.Bytes()


class Draft(Schema):
    """A newer keyring, and the number of the one that it is made from."""

    replaces = schemas.U64(required=True)
    blob = schemas.Blob(ObjectType.KEYRING, required=True)


KEYRING = Keyring()
REVISION = Keyring(only=("revision",))
DRAFT = Draft()


class Keyrings:
    """``/api/account/keyring``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=KEYRING),
        "on_put": Operation(request=DRAFT, response=REVISION),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, machines=True)
            keyring = sql.get(conn, actor.user_id)
        resp.media = KEYRING.dump(keyring)

    def on_put(self, req: Request, resp: Response) -> None:
        """Replace the keyring, unless another device was faster."""
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, machines=True)
            if not sql.replace(conn, actor.user_id, **draft):
                current = sql.get(conn, actor.user_id)
                raise problems.StaleRevision(current.revision, current.blob)
            audit.record(conn, req, Action.KEYRING_REPLACED)
        resp.media = REVISION.dump({"revision": draft["replaces"] + 1})
