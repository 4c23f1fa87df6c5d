"""One-time links, as whoever has one opens it: without an account."""

from typing import ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.auth import links_sql as sql
from shared import audit, caller, db, limits, schemas
from shared.audit import Action
from shared.operations import Operation
from shared.schemas import Schema, fields


class Offer(Schema):
    """What is told before somebody reads."""

    reads_left = fields.Integer()
    expires_at = fields.AwareDateTime(format="iso")


class Read(Schema):
    """The sealed object, and how often it may be read after this."""

    blob = schemas.Bytes()
    reads_left = fields.Integer()


OFFER = Offer()
READ = Read()


class Links:
    """``/auth/links/{link_id}``."""

    public = True
    operations: ClassVar = {
        "on_get": Operation(response=OFFER),
        "on_post": Operation(response=READ),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, link_id: UUID) -> None:
        """Tell whether there is something to read; takes nothing."""
        self._count(req)
        with self._pool.connection() as conn:
            resp.media = OFFER.dump(sql.get(conn, link_id))

    def on_post(self, req: Request, resp: Response, link_id: UUID) -> None:
        """Take a read: the last one burns the link."""
        self._count(req)
        with self._pool.connection() as conn:
            taken = sql.take(conn, link_id)
            audit.record(conn, req, Action.LINK_OPENED, None, link_id, user_id=taken.user_id)
        resp.media = READ.dump(taken)

    def _count(self, req: Request) -> None:
        network = limits.network(caller.address(req))
        limits.take(self._pool, (limits.LINK_NETWORK, network))
