"""The earlier versions of a secret."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.keys import ready_json
from handlers.keys import versions_sql as sql
from shared import audit, db, pages, problems, schemas, vault_contents_sql, vault_log, vault_log_sql
from shared.audit import Action
from shared.keyarc.commits import MAX_OPS
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields

PAGE_VERSIONS = 100
MAX_READ_BYTES = 16 << 20


class Version(Schema):
    """When a version was made, and by whom; the epoch of a deletion is null.

    Of one that was *purged* there is no content any more.
    """

    version = schemas.U64()
    epoch = schemas.U64(allow_none=True)
    seq = schemas.U64()
    time_ms = schemas.U64()
    author_id = schemas.Id()
    deleted = fields.Boolean()
    purged = fields.Boolean()


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


class Which(Schema):
    """One version of one secret."""

    secret_id = schemas.Id(required=True)
    version = schemas.U64(required=True)


class Wanted(Schema):
    """Of which versions to read the overviews."""

    items = schemas.List(fields.Nested(Which), longest=MAX_OPS, required=True)


class Overview(Schema):
    """What a list shows of one version: nothing of a deletion, or of what was purged."""

    secret_id = schemas.Id()
    version = schemas.U64()
    epoch = schemas.U64(allow_none=True)
    overview = schemas.Bytes(allow_none=True)


class Found(Schema):
    """The overviews that were asked for."""

    items = fields.List(fields.Nested(Overview))


PAGE = Page()
CONTENT = Content()
WANTED = Wanted()


class Versions:
    """``…/secrets/{secret_id}/versions`` and, under *item*, one of them."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_delete": Operation(status=204),
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

    def on_delete(self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID) -> None:
        """Purge a deleted secret: what its versions held is gone, and history keeps the hashes."""
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.SECRET_PURGE, vault_id)
            vault_log_sql.lock(conn, vault_id)  # so that nobody restores it meanwhile
            # Whoever waited may have lost the role to the one they waited for.
            vault_log.require(conn, req.context.actor, Permission.SECRET_PURGE, vault_id)
            if sql.now(conn, vault_id, secret_id).live:
                raise problems.SecretLive
            vault_contents_sql.purge(conn, vault_id, secret_id)
            audit.record(conn, req, Action.SECRET_PURGED, vault_id, secret_id)
        resp.status = HTTP_NO_CONTENT

    def on_get_item(
        self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID, version: int
    ) -> None:
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.SECRET_READ, vault_id)
            vault_log_sql.hold(conn, vault_id)  # so that what is read can be said
            content = sql.get(conn, vault_id, secret_id, version)
            if content.overview is None:
                raise problems.Purged
            audit.record(conn, req, Action.SECRET_READ, vault_id, secret_id)
        resp.media = CONTENT.dump(content)


class Overviews:
    """``/api/keys/vaults/{vault_id}/versions/overviews``: what lists showed of many versions."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_post": Operation(request=WANTED, response=Found())
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response, vault_id: UUID) -> None:
        """Give all that were asked for, or nothing; no value is among them, so none is audited."""
        sent = schemas.read(WANTED, req)["items"]
        wanted = sorted({(item["secret_id"], item["version"]) for item in sent})
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.VERSION_LIST, vault_id)
            size = sql.size(conn, vault_id, wanted)
            if size.count != len(wanted):
                raise problems.NotFound
            if size.bytes > MAX_READ_BYTES:
                raise problems.TooLarge("Ask for fewer versions at once.")
            found = sql.overviews(conn, vault_id, wanted)
        ready_json.send(req, resp, found.text)
