"""The account of the person who asks."""

from collections.abc import Mapping
from typing import Any, ClassVar

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.account import profile_sql as sql
from handlers.account import proofs
from shared import audit, db, problems, schemas, vault_log
from shared.audit import Action
from shared.caller import Actor
from shared.db import Connection
from shared.operations import Operation
from shared.schemas import Schema, fields


class Recovery(Schema):
    """A recovery that somebody has begun, to be stopped by whoever did not begin it."""

    begun_at = fields.AwareDateTime(format="iso")
    ready_at = fields.AwareDateTime(format="iso")
    device = fields.String()
    network = schemas.Network()


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
    reminders = fields.Boolean()
    second_factor = fields.Boolean()
    recovery = schemas.Nested(Recovery, allow_none=True)
    session_id = schemas.Id()


class Switch(fields.Boolean):
    """True or false, and no number that Python takes for one of them."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Switches(Schema):
    """What a person may switch on and off: letters about reminders."""

    reminders = Switch(required=True)


PROFILE = Profile()
SWITCHES = Switches()
RECOVERY = Recovery()


class Profiles:
    """``/api/account/profile``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PROFILE),
        "on_patch": Operation(request=SWITCHES, response=PROFILE),
        "on_delete": Operation(status=204),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor, machines=True)
            resp.media = told(conn, actor)

    def on_patch(self, req: Request, resp: Response) -> None:
        """Switch letters about reminders on or off."""
        switches, actor = schemas.read(SWITCHES, req), req.context.actor
        with self._pool.connection() as conn:
            proofs.hold(conn, actor)
            sql.switch(conn, actor.user_id, **switches)
            audit.record(conn, req, Action.REMINDERS_SWITCHED)
            resp.media = told(conn, actor)

    def on_delete(self, req: Request, resp: Response) -> None:
        """Delete the account, after a fresh proof: at once, for good, and with all its vaults."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            if shared := sql.remove(conn, req.context.request_id):
                raise problems.VaultsShared([str(vault_id) for vault_id in shared])
        resp.status = HTTP_NO_CONTENT


def told(conn: Connection, actor: Actor) -> dict[str, Any]:
    """Return the account as an answer has it."""
    profile, recovery = sql.get(conn, actor.user_id), sql.recovery(conn, actor.user_id)
    running = None if recovery is None else RECOVERY.dump(recovery)
    more = {"recovery": running, "session_id": str(actor.session_id)}
    return {**PROFILE.dump(profile), **more}
