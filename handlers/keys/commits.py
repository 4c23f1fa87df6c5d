"""The signed history of a vault: adding puts and deletions, and reading it."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import HTTP_CREATED, Request, Response

from handlers.keys import reminders_sql
from shared import audit, bodies, db, pages, schemas, vault_history, vault_log
from shared.audit import Action
from shared.db import Connection
from shared.keyarc import commits as signed
from shared.keyarc.commits import MAX_OPS
from shared.keyarc.encoding import ObjectType
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, fields
from shared.vault_contents_sql import Content


class Blobs(Schema):
    """The content of one put."""

    secret_id = schemas.Id(required=True)
    overview = schemas.Blob(ObjectType.SECRET_OVERVIEW, required=True)
    details = schemas.Blob(ObjectType.SECRET_DETAILS, required=True)


class Draft(Schema):
    """A signed commit, and the content of each of its puts in their order."""

    commit = schemas.Bytes(longest=bodies.MAX_COMMIT_BYTES, required=True)
    signature = schemas.Bytes(64, required=True)
    blobs = schemas.List(fields.Nested(Blobs), longest=MAX_OPS, required=True)


DRAFT = Draft()


class Commits:
    """``/api/keys/vaults/{vault_id}/commits``."""

    max_body = bodies.MAX_COMMIT_BYTES
    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(
            response=vault_history.PAGE, query={"after": "the last commit that is known"}
        ),
        "on_post": Operation(request=DRAFT, response=vault_history.PLACE, status=201),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        after = pages.after(req)
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.COMMIT_LIST, vault_id)
            resp.media = vault_history.page(conn, vault_id, after)

    def on_post(self, req: Request, resp: Response, vault_id: UUID) -> None:
        draft = schemas.read(DRAFT, req)
        actor = req.context.actor
        with self._pool.connection() as conn:
            vault_log.require(conn, actor, Permission.COMMIT_APPEND, vault_id)
            raw, signature = draft["commit"], draft["signature"]
            commit = vault_log.read(raw, signature, vault_id, actor, only=vault_log.APPENDING)
            contents = [Content(**blobs) for blobs in draft["blobs"]]
            head = vault_log.append(conn, commit, contents)
            if head.fresh:
                _forget_reminders(conn, commit)
                audit.record(conn, req, Action.VAULT_CHANGED, vault_id)
        resp.status = HTTP_CREATED
        resp.media = vault_history.PLACE.dump(head)


def _forget_reminders(conn: Connection, commit: signed.Commit) -> None:
    """Let nobody hear any more of what *commit* deleted."""
    if deleted := [op.secret_id for op in commit.ops if isinstance(op, signed.Delete)]:
        reminders_sql.remove(conn, commit.vault_id, deleted)
