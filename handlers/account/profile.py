"""The account of the person who asks."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import Request, Response

from handlers.account import profile_sql as sql
from shared import db, schemas, vault_log
from shared.operations import Operation
from shared.schemas import Schema, fields


class Profile(Schema):
    """What the server knows about a person without a key."""

    user_id = schemas.Id()
    email = schemas.Email()
    created_at = fields.AwareDateTime(format="iso")
    suite = fields.Integer()
    salt = schemas.Bytes()
    keyset = schemas.U64()
    idcert = schemas.Bytes()
    session_id = schemas.Id()


PROFILE = Profile()


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
        session = {"session_id": str(actor.session_id)}
        resp.media = PROFILE.dump(profile) | session
