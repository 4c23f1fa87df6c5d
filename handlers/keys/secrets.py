"""The secrets of a vault as they are now: the list, one of them, and many at once."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from falcon import HTTP_NOT_MODIFIED, ETag, Request, Response

from handlers.keys import audit_rows, ready_json, uses_sql
from handlers.keys import secrets_sql as sql
from shared import (
    audit,
    db,
    pages,
    problems,
    schemas,
    vault_log,
    vault_log_sql,
    vault_roster_sql,
)
from shared.audit import Action
from shared.keyarc.commits import MAX_OPS
from shared.keyarc.encoding import b64
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields

MAX_READ_BYTES = 16 << 20


class Purpose(StrEnum):
    """What the asker says that the values are for."""

    EXPORT = "export"
    READ = "read"
    RUN = "run"


ACTIONS = {
    Purpose.EXPORT: Action.SECRET_EXPORTED,
    Purpose.READ: Action.SECRET_READ,
    Purpose.RUN: Action.SECRET_USED,
}


class Head(Schema):
    """Where the history of a vault stands."""

    seq = schemas.U64()
    hash = schemas.Bytes()
    state = schemas.Bytes()


class Put(Schema):
    """A live secret: what a list shows of it."""

    secret_id = schemas.Id()
    version = schemas.U64()
    epoch = schemas.U64()
    seq = schemas.U64()
    overview = schemas.Bytes()
    details_hash = schemas.Bytes()


class Deletion(Schema):
    """A deleted secret."""

    secret_id = schemas.Id()
    version = schemas.U64()
    seq = schemas.U64()


class Changes(Schema):
    """What changed in a vault since a commit."""

    head = fields.Nested(Head)
    audit = fields.Nested(audit_rows.Head)
    secrets = fields.List(fields.Nested(Put))
    deleted = fields.List(fields.Nested(Deletion))


class Secret(Schema):
    """The current version of a secret."""

    secret_id = schemas.Id()
    version = schemas.U64()
    epoch = schemas.U64()
    overview = schemas.Bytes()
    details = schemas.Bytes()


class Wanted(Schema):
    """Which secrets to read, and what for."""

    secret_ids = schemas.List(schemas.Id(), longest=MAX_OPS, required=True)
    purpose = fields.Enum(Purpose, by_value=True, load_default=Purpose.READ)


class Details(Schema):
    """The values of the secrets that were asked for."""

    items = fields.List(fields.Nested(Secret(exclude=("overview",))))


SECRET = Secret()
WANTED = Wanted()


class Secrets:
    """``/api/keys/vaults/{vault_id}/secrets`` and, under *item*, one of them."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=Changes(), query={"since": "the last commit that is known"}),
        "on_get_item": Operation(response=SECRET),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        since = pages.since(req)
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.SECRET_LIST, vault_id)
            head = sql.head(conn, vault_id)
            if _known(req, _tag(head, since)):
                resp.set_header("ETag", _tag(head, since).dumps())
                resp.status = HTTP_NOT_MODIFIED
                return
            changes = sql.changes(conn, vault_id, since)
            vault_roster_sql.accept(conn, vault_id, req.context.actor.user_id)
        resp.set_header("ETag", _tag(changes, since).dumps())
        ready_json.send(req, resp, changes.text)

    def on_get_item(self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID) -> None:
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require(conn, actor, Permission.SECRET_READ, vault_id)
            secret = sql.get(conn, vault_id, secret_id, actor.user_id)
            audit.record(conn, req, Action.SECRET_READ, vault_id, secret_id)
        resp.media = SECRET.dump(secret)


class Reading:
    """``/api/keys/vaults/{vault_id}/secrets/read``: the values of many secrets at once."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_post": Operation(request=WANTED, response=Details())
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_post(self, req: Request, resp: Response, vault_id: UUID) -> None:
        """Give all that were asked for, or nothing."""
        sent = schemas.read(WANTED, req)
        wanted = sorted(set(sent["secret_ids"]))
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require(conn, actor, Permission.SECRET_READ, vault_id)
            vault_log_sql.hold(conn, vault_id)  # before its rows, as a deletion does
            size = sql.size(conn, vault_id, wanted)
            if size.count != len(wanted):
                raise problems.NotFound
            if size.bytes > MAX_READ_BYTES:
                raise problems.TooLarge("Ask for fewer secrets at once.")
            details = sql.read(conn, vault_id, wanted)
            uses_sql.note(conn, vault_id, wanted, actor.user_id)
            audit.record(conn, req, ACTIONS[sent["purpose"]], vault_id, *wanted)
        ready_json.send(req, resp, details.text)


def _tag(head: sql.Head | sql.Changes, since: int) -> ETag:
    """Return the name of an answer: what it shows stands in both heads."""
    signed, told = f"{head.seq}.{b64(head.hash)}", f"{head.audit_seq}.{b64(head.audit_hash)}"
    tag = ETag(f"{signed}.{told}.{since}")
    tag.is_weak = True
    return tag


def _known(req: Request, tag: ETag) -> bool:
    return any(known in {"*", tag} for known in req.if_none_match or ())
