"""Backup codes: ten that stand in, once each, for a second factor that is not at hand."""

from collections.abc import Mapping
from typing import ClassVar

from falcon import HTTP_CREATED, Request, Response

from handlers.account import proofs, second_factors
from handlers.account import second_factors_sql as sql
from shared import db, problems, schemas
from shared.audit import Action
from shared.mail import Post
from shared.operations import Operation
from shared.schemas import Schema, fields


class Codes(Schema):
    """Codes that are told once."""

    backup_codes = schemas.List(fields.String(), longest=second_factors.BACKUP_CODES)


CODES = Codes()


class BackupCodes:
    """``/api/account/backup-codes``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_post": Operation(response=CODES, status=201)
    }

    def __init__(self, pool: db.Pool, post: Post) -> None:
        self._pool = pool
        self._post = post

    def on_post(self, req: Request, resp: Response) -> None:
        """Make ten new ones, after a fresh proof; the old ones are worth nothing any more."""
        actor = req.context.actor
        with self._pool.connection() as conn:
            proofs.require(conn, actor)
            second_factors.hold(conn, actor.user_id)
            if not sql.count(conn, actor.user_id).factors:
                raise problems.NotFound
            made = second_factors.make_backup_codes(conn, actor.user_id)
            second_factors.changed(conn, req, Action.BACKUP_CODES_REPLACED, self._post)
        resp.status = HTTP_CREATED
        resp.media = CODES.dump({"backup_codes": made})
