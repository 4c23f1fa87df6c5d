"""One-time links: sealed for whoever has the link, and kept for so many reads and so long."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from falcon import HTTP_CREATED, HTTP_NO_CONTENT, Request, Response

from handlers.keys import links_sql as sql
from shared import audit, db, pages, problems, schemas, vault_log
from shared.audit import Action
from shared.keyarc.encoding import ObjectType
from shared.operations import Operation
from shared.schemas import Schema, fields

MOST_READS = 100
MOST_LINKS = 200  # of one person at a time
LONGEST = timedelta(days=30)
CLOCKS_DIFFER = timedelta(minutes=10)
TOO_LONG = {"expires_at": ["Not within the next 30 days."]}


class Draft(Schema):
    """A sealed object, how often it may be read, and until when."""

    link_id = schemas.Id(required=True)
    blob = schemas.Blob(ObjectType.ONE_TIME_LINK, required=True)
    reads = schemas.Whole(1, MOST_READS, required=True)
    expires_at = fields.AwareDateTime(format="iso", required=True)


class Link(Schema):
    """A link as its maker sees it; no reads are left once it is burnt."""

    link_id = schemas.Id()
    reads_left = fields.Integer()
    created_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")
    last_read_at = fields.AwareDateTime(format="iso", allow_none=True)


class Page(Schema):
    """Somebody's links whose time is not over; all of them come at once."""

    items = fields.List(fields.Nested(Link))
    next = schemas.U64(allow_none=True)


DRAFT = Draft()
LINK = Link()
PAGE = Page()


class Links:
    """``/api/keys/links`` and, under *item*, one of them."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PAGE),
        "on_post": Operation(request=DRAFT, response=LINK, status=201),
        "on_delete_item": Operation(status=204),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            items = sql.page(conn, actor.user_id)
        resp.media = PAGE.dump(pages.page(items))

    def on_post(self, req: Request, resp: Response) -> None:
        draft, actor = schemas.read(DRAFT, req), req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            _check(draft)
            if len(sql.page(conn, actor.user_id)) >= MOST_LINKS:
                raise problems.TooManyLinks
            link = sql.add(conn, user_id=actor.user_id, **draft)
            if link is None:
                raise problems.LinkExists
            audit.record(conn, req, Action.LINK_CREATED, None, link.link_id)
        resp.status = HTTP_CREATED
        resp.media = LINK.dump(link)

    def on_delete_item(self, req: Request, resp: Response, link_id: UUID) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            sql.remove(conn, link_id, actor.user_id)
            audit.record(conn, req, Action.LINK_REMOVED, None, link_id)
        resp.status = HTTP_NO_CONTENT


def _check(draft: Mapping[str, Any]) -> None:
    now = datetime.now(UTC)
    if not now < draft["expires_at"] <= now + LONGEST + CLOCKS_DIFFER:
        raise problems.Invalid(TOO_LONG)
