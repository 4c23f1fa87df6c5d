"""How somebody's membership ended: so that they can tell it from a server that hides a vault."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.account import members_sql as sql
from shared import db, pages, vault_history, vault_log
from shared.operations import Operation


class Removal:
    """``/api/account/vaults/{vault_id}/removal``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(
            response=vault_history.PAGE, query={"after": "the last commit that is known"}
        )
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        """Give whoever was removed, or left, the history up to and with that commit."""
        after = pages.after(req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            removal = sql.removal(conn, vault_id, actor.user_id)
            resp.media = vault_history.page(conn, vault_id, after, removal.removed_seq)
