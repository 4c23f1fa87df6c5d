"""When the secrets of a vault were last used, and by whom."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.keys import ready_json
from handlers.keys import uses_sql as sql
from shared import db, schemas, vault_log
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields


class Use(Schema):
    """When the values of a secret were last read, and by whom."""

    secret_id = schemas.Id()
    used_at = fields.AwareDateTime(format="iso")
    user_id = schemas.Id()


class Page(Schema):
    """Every secret of the vault that was ever used."""

    items = fields.List(fields.Nested(Use))


class Uses:
    """``/api/keys/vaults/{vault_id}/uses``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=Page())}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.USE_LIST, vault_id)
            uses = sql.all_of(conn, vault_id)
        ready_json.send(req, resp, uses.text)
