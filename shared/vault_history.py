"""The signed history of a vault, as pages of commits, and the place of one."""

from typing import Any
from uuid import UUID

from shared import pages, schemas
from shared import vault_history_sql as sql
from shared.db import Connection
from shared.schemas import Schema, fields

PAGE_COMMITS = 500
PAGE_BYTES = 4 << 20


class Commit(Schema):
    """A commit as its author sent it."""

    seq = schemas.U64()
    commit = schemas.Bytes(attribute="raw")
    signature = schemas.Bytes()


class Place(Schema):
    """The place of a commit in the history."""

    seq = schemas.U64()
    hash = schemas.Bytes()


class Page(Schema):
    """A part of the history; *next* is the ``after`` of the next one."""

    items = fields.List(fields.Nested(Commit))
    next = schemas.U64(allow_none=True)


PAGE = Page()
PLACE = Place()


def page(conn: Connection, vault_id: UUID, after: int, until: int | None = None) -> dict[str, Any]:
    """Return the commits after *after*, up to the head or to *until*, as an answer has them."""
    items = sql.page(conn, vault_id, after=after, until=until, limit=PAGE_COMMITS, bytes=PAGE_BYTES)
    following = items[-1].seq if items and items[-1].more else None
    media: dict[str, Any] = PAGE.dump(pages.page(items, following))
    return media
