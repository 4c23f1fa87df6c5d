"""The account of the person who asks."""

from collections.abc import Mapping
from typing import Any, ClassVar

from falcon import Request, Response

from handlers.account import profile_sql as sql
from shared import db, networks, schemas, vault_log
from shared.operations import Operation
from shared.schemas import Schema, fields


class Recovery(Schema):
    """A recovery that somebody has begun, to be stopped by whoever did not begin it."""

    begun_at = fields.AwareDateTime(format="iso")
    ready_at = fields.AwareDateTime(format="iso")
    device = fields.String()
    network = fields.String()


class Profile(Schema):
    """What the server knows about a person without a key; a machine has no address."""

    user_id = schemas.Id()
    email = schemas.Email(allow_none=True)
    created_at = fields.AwareDateTime(format="iso")
    suite = fields.Integer()
    salt = schemas.Bytes(allow_none=True)
    keyset = schemas.U64()
    idcert = schemas.Bytes()
    recovery_code_at = fields.AwareDateTime(format="iso", allow_none=True)
    second_factor = fields.Boolean()
    recovery = schemas.Nested(Recovery, allow_none=True)
    session_id = schemas.Id()


PROFILE = Profile()
RECOVERY = Recovery()


class Profiles:
    """``/api/account/profile``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=PROFILE)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, machines=True)
            profile = sql.get(conn, actor.user_id)
            recovery = sql.recovery(conn, actor.user_id)
        resp.media = PROFILE.dump(profile) | {
            "recovery": _told(recovery),
            "session_id": str(actor.session_id),
        }


def _told(recovery: sql.Recovery | None) -> dict[str, Any] | None:
    if recovery is None:
        return None
    return {**RECOVERY.dump(recovery), "network": networks.of(recovery.address)}
