"""Who is of a vault, or was, and by which address the server knows them."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.account import members_sql as sql
from handlers.account.vaults import RoleName
from shared import db, pages, schemas, vault_log
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields


class Member(Schema):
    """Somebody of the vault, once where the role is null; a machine has no address."""

    user_id = schemas.Id()
    role = RoleName(allow_none=True)
    email = schemas.Email(allow_none=True)
    machine = fields.Boolean()
    joined_at = fields.AwareDateTime(format="iso")


class Page(Schema):
    """Everyone: *next* is always null."""

    items = fields.List(schemas.Nested(Member))
    next = schemas.U64(allow_none=True)


PAGE = Page()


class Members:
    """``/api/account/vaults/{vault_id}/members``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=PAGE)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.MEMBER_LIST, vault_id)
            members = sql.of(conn, vault_id)
        resp.media = PAGE.dump(pages.page(members))
