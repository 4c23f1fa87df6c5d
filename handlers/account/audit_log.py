"""What a person did, or somebody in their name: their own rows of the audit log."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import Request, Response

from handlers.account import audit_log_sql as sql
from shared import db, pages, schemas, vault_log
from shared.operations import Operation
from shared.schemas import Schema, fields

PAGE_ROWS = 100
PAGE_OBJECTS = 20_000


class Row(Schema):
    """One deed: when, which, on what, by which session, from where."""

    audit_id = schemas.U64()
    at = fields.AwareDateTime(format="iso")
    action = fields.String()
    vault_id = schemas.Id(allow_none=True)
    object_ids = fields.List(schemas.Id())
    session_id = schemas.Id(allow_none=True)
    network = schemas.Network()


class Page(Schema):
    """Some of the rows, the newest first; *next* is the ``after`` of the next page."""

    items = fields.List(schemas.Nested(Row))
    next = schemas.U64(allow_none=True)


ROW = Row()
PAGE = Page()


class AuditLog:
    """``/api/account/audit``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PAGE, query={"after": "the oldest row that is known"})
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        after = pages.after(req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            items = sql.page(conn, actor.user_id, after, limit=PAGE_ROWS, objects=PAGE_OBJECTS)
        following = items[-1].audit_id if items and items[-1].more else None
        resp.media = pages.page([ROW.dump(row) for row in items], following)
