"""Vault keys that others have sealed for whoever asks."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import Request, Response

from handlers.account import shares_sql as sql
from shared import db, pages, schemas, vault_log
from shared.operations import Operation
from shared.schemas import Schema, fields


class Share(Schema):
    """The newest share of one vault, with all that its signature is over."""

    vault_id = schemas.Id()
    recipient_id = schemas.Id()
    epoch = schemas.U64()
    sender_id = schemas.Id()
    head = schemas.Bytes()
    ciphertext = schemas.Bytes()
    signature = schemas.Bytes()
    created_at = fields.AwareDateTime(format="iso")


class Page(Schema):
    """Every share: *next* is always null."""

    items = fields.List(schemas.Nested(Share))
    next = schemas.U64(allow_none=True)


PAGE = Page()


class Shares:
    """``/api/account/shares``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=PAGE)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, machines=True)
            shares = sql.of(conn, actor.user_id)
        resp.media = PAGE.dump(pages.page(shares))
