"""A person's second factors, all kinds together, and what follows when one comes or goes."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from falcon import Request, Response

from handlers.account import backup_codes_sql, challenges_sql, notices, passkeys_sql, sessions_sql
from handlers.account import second_factors_sql as sql
from handlers.account.second_factors_sql import Person
from shared import audit, codes, db, schemas, vault_log
from shared.audit import Action
from shared.db import Connection
from shared.letters import Change
from shared.mail import Post
from shared.operations import Operation
from shared.schemas import Schema, fields

BACKUP_CODES = 10


class Unlock(Schema):
    """The user key sealed under what a passkey derives, and the keyset that it is sealed for."""

    keyset = schemas.U64()
    user_key = schemas.Bytes()


class Passkey(Schema):
    """A passkey; *unlock* is null where it opens nothing."""

    credential_id = schemas.Bytes()
    name = fields.String()
    created_at = fields.AwareDateTime(format="iso")
    last_used_at = fields.AwareDateTime(format="iso", allow_none=True)
    unlock = schemas.Nested(Unlock, allow_none=True)


class Factors(Schema):
    """What a person has; of backup codes, how many are left."""

    totp = fields.Boolean()
    backup_codes = fields.Integer()
    passkeys = fields.List(schemas.Nested(Passkey))


FACTORS = Factors()
PASSKEY = Passkey()
UNLOCK = Unlock()


class SecondFactors:
    """``/api/account/second-factors``."""

    operations: ClassVar[Mapping[str, Operation]] = {"on_get": Operation(response=FACTORS)}

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require_session(conn, actor)
            resp.media = told(conn, actor.user_id)


def told(conn: Connection, user_id: UUID) -> dict[str, Any]:
    """Return a person's second factors as an answer has them."""
    counts = sql.count(conn, user_id)
    passkeys = passkeys_sql.listed(conn, user_id)
    counted = {"totp": counts.totp > 0, "backup_codes": counts.backup_codes}
    return {
        **FACTORS.dump(counted),
        "passkeys": [
            PASSKEY.dump(each) | {"unlock": UNLOCK.dump(each) if each.user_key else None}
            for each in passkeys
        ],
    }


def hold(conn: Connection, user_id: UUID) -> Person:
    """Let nobody else change this person's second factors until the transaction ends."""
    return sql.hold(conn, user_id)


def added(conn: Connection, req: Request, action: Action, post: Post) -> list[str]:
    """Do what follows when one was added: the first brings backup codes, which are returned."""
    user_id = req.context.actor.user_id
    counts = sql.count(conn, user_id)
    made = make_backup_codes(conn, user_id) if counts.factors == 1 else []
    changed(conn, req, action, post)
    return made


def removed(conn: Connection, req: Request, action: Action, post: Post) -> None:
    """Do what follows when one was removed: with the last one go the backup codes."""
    user_id = req.context.actor.user_id
    if not sql.count(conn, user_id).factors:
        backup_codes_sql.remove(conn, user_id)
    changed(conn, req, action, post)


def changed(conn: Connection, req: Request, action: Action, post: Post) -> None:
    """End what was begun under the second factors of before, and tell the log and the person."""
    actor = req.context.actor
    challenges_sql.end_all(conn, actor.user_id)
    sessions_sql.end_others(conn, actor.session_id, actor.user_id)
    audit.record(conn, req, action)
    notices.tell(conn, post, actor, Change.SECOND_FACTOR)


def make_backup_codes(conn: Connection, user_id: UUID) -> list[str]:
    """Make ten backup codes in the place of all older ones; only hashes of them are stored."""
    made = [codes.make() for _ in range(BACKUP_CODES)]
    backup_codes_sql.remove(conn, user_id)
    backup_codes_sql.add(conn, user_id, [codes.backup_hash(user_id, code) for code in made])
    return [codes.write(code) for code in made]
