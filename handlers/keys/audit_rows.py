"""Who did what with a vault: its audit rows, each with all that its hash was made of."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.keys import audit_rows_sql as sql
from shared import db, pages, schemas, vault_log
from shared.keyarc.commits import Role
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields

PAGE_ROWS = 1000
PAGE_OBJECTS = 20_000  # a row names up to 10,000

# Who sees from where others came.
KEEPERS = {Role.OWNER, Role.ADMIN}


class Row(Schema):
    """One deed; *origin* is the hash of *salt* and *address*, which not everybody is shown."""

    seq = schemas.U64()
    at_ms = schemas.U64()
    action = fields.String()
    user_id = schemas.Id(allow_none=True)
    session_id = schemas.Id(allow_none=True)
    origin = schemas.Bytes()
    object_ids = fields.List(schemas.Id())
    address = fields.String(allow_none=True)
    salt = schemas.Bytes(allow_none=True)


class Head(Schema):
    """The last row of the chain: where it stands."""

    seq = schemas.U64()
    hash = schemas.Bytes()


class Page(Schema):
    """Some of the rows, from the first on, and where the chain stood."""

    items = fields.List(fields.Nested(Row))
    next = schemas.U64(allow_none=True)
    head = fields.Nested(Head)


ROW = Row()
HEAD = Head()
PAGE = Page()


class AuditRows:
    """``/api/keys/vaults/{vault_id}/audit``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PAGE, query={"after": "the last row that is known"})
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        after = pages.after(req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            role = vault_log.require(conn, actor, Permission.AUDIT_LIST, vault_id)
            head = sql.head(conn, vault_id)
            items = sql.page(
                conn,
                vault_id,
                after,
                head.seq,
                PAGE_ROWS,
                objects=PAGE_OBJECTS,
                asker=actor.user_id,
                whole=role in KEEPERS,
            )
        following = items[-1].seq if items and items[-1].seq < head.seq else None
        page = pages.page([ROW.dump(row) for row in items], following)
        resp.media = page | {"head": HEAD.dump(head)}
