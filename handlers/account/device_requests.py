"""New devices that ask for the account key, as a signed-in one sees them."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.account import device_requests_sql as sql
from handlers.account import proofs
from shared import audit, db, pages, problems, schemas, vault_log
from shared.audit import Action
from shared.operations import Operation
from shared.schemas import Schema, fields

SEALED_BYTES = 1152


class Asked(Schema):
    """A device that asks; what it is called was written by whoever asked."""

    request_id = schemas.Id()
    device = fields.String()
    network = schemas.Network()
    public_key = schemas.Bytes()
    created_at = fields.AwareDateTime(format="iso")
    expires_at = fields.AwareDateTime(format="iso")


class AskedList(Schema):
    """Every device that waits; they are few, and come on one page."""

    items = fields.List(schemas.Nested(Asked))
    next = fields.String(allow_none=True)


class Answer(Schema):
    """The account key, sealed for the one key that the device sent."""

    sealed = schemas.Bytes(SEALED_BYTES, required=True)


ASKED = Asked()
ASKED_LIST = AskedList()
ANSWER = Answer()


class DeviceRequests:
    """``/api/account/device-requests``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=ASKED_LIST)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        """List the devices that wait for an answer, the newest first."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            waiting = sql.waiting(conn, actor.user_id)
        resp.media = pages.page([ASKED.dump(asked) for asked in waiting])


class DeviceRequest:
    """``/api/account/device-requests/{request_id}``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_delete": Operation(status=204),
        "on_put": Operation(request=ANSWER, status=204),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_put(self, req: Request, resp: Response, request_id: UUID) -> None:
        """Hand the account key over; takes a fresh proof."""
        answer = schemas.read(ANSWER, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            if not sql.seal(conn, request_id, actor.user_id, answer["sealed"]):
                raise problems.NotFound
            audit.record(conn, req, Action.DEVICE_APPROVED, None, request_id)
        resp.status = HTTP_NO_CONTENT

    def on_delete(self, req: Request, resp: Response, request_id: UUID) -> None:
        """Turn a device down."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            if not sql.refuse(conn, request_id, actor.user_id):
                raise problems.NotFound
            audit.record(conn, req, Action.DEVICE_REFUSED, None, request_id)
        resp.status = HTTP_NO_CONTENT
