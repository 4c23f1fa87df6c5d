"""The earlier versions of a secret."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.keys import versions_sql as sql
from shared import audit, db, pages, problems, schemas, vault_log
from shared.audit import Action
from shared.operations import Operation
from shared.schemas import Schema, fields
from shared.vault_log import Permission

PAGE_VERSIONS = 100


class Version(Schema):
    """When a version was made, and by whom; the epoch of a deletion is null."""

    version = schemas.U64()
    epoch = schemas.U64(allow_none=True)
    seq = schemas.U64()
    time_ms = schemas.U64()
    author_id = schemas.Id()
    deleted = fields.Boolean()


class Page(Schema):
    """Some of the versions, from the first on; *next* is the ``after`` of the next page."""

    items = fields.List(fields.Nested(Version))
    next = schemas.U64(allow_none=True)


class Content(Schema):
    """The sealed content of one version."""

    secret_id = schemas.Id()
    version = schemas.U64()
    epoch = schemas.U64()
    overview = schemas.Bytes()
    details = schemas.Bytes()


PAGE = Page()
CONTENT = Content()


class Versions:
    """``…/secrets/{secret_id}/versions`` and, under *item*, one of them."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PAGE, query={"after": "the last version that is known"}),
        "on_get_item": Operation(response=CONTENT),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID) -> None:
        after = pages.after(req)
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.VERSION_LIST, vault_id)
            found = sql.page(conn, vault_id, secret_id, after, PAGE_VERSIONS + 1)
        if not found and after == 0:
            raise problems.NotFound
        items = found[:PAGE_VERSIONS]
        following = items[-1].version if len(found) > len(items) else None
        resp.media = PAGE.dump(pages.page(items, following))

    def on_get_item(
        self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID, version: int
    ) -> None:
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.SECRET_READ, vault_id)
            content = sql.get(conn, vault_id, secret_id, version)
            audit.record(conn, req, Action.SECRET_READ, vault_id, secret_id)
        resp.media = CONTENT.dump(content)
