"""On which day people want to hear of a secret: an id and a day, and nothing of what or why."""

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.keys import reminders_sql as sql
from shared import audit, db, pages, problems, schemas, vault_log
from shared.audit import Action
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, ValidationError, fields


class Draft(Schema):
    """The day, of UTC."""

    day = schemas.Day(required=True)


class Reminder(Schema):
    """A secret, and its day."""

    secret_id = schemas.Id()
    day = schemas.Day()


class Page(Schema):
    """The reminders of a vault, the first day first; all of them come at once."""

    items = fields.List(fields.Nested(Reminder))
    next = schemas.U64(allow_none=True)


DRAFT = Draft()
PAGE = Page()


class Reminders:
    """``/api/keys/vaults/{vault_id}/reminders/{secret_id}``."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_put": Operation(request=DRAFT, status=204),
        "on_delete": Operation(status=204),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_put(self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID) -> None:
        """Let everybody of the vault hear of the secret on a day."""
        day = schemas.read(DRAFT, req)["day"]
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.REMINDER_SET, vault_id)
            sql.put(conn, vault_id, secret_id, day)
            audit.record(conn, req, Action.REMINDER_SET, vault_id, secret_id)
        resp.status = HTTP_NO_CONTENT

    def on_delete(self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID) -> None:
        """Let nobody hear of it; also where nobody would have."""
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.REMINDER_SET, vault_id)
            if sql.remove(conn, vault_id, [secret_id]):
                audit.record(conn, req, Action.REMINDER_REMOVED, vault_id, secret_id)
        resp.status = HTTP_NO_CONTENT


class Expiring:
    """``/api/keys/vaults/{vault_id}/expiring``: what people will hear of."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_get": Operation(response=PAGE, query={"until": "the last day, such as 2027-06-30"})
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_get(self, req: Request, resp: Response, vault_id: UUID) -> None:
        until = _until(req)
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.REMINDER_LIST, vault_id)
            items = sql.until(conn, vault_id, until)
        resp.media = PAGE.dump(pages.page(items))


def _until(req: Request) -> dt.date | None:
    """Return the last day that is asked for, None for all of them."""
    values = req.get_param_as_list("until")
    if not values:
        return None
    try:
        (text,) = values
        return schemas.day(text)
    except (ValueError, ValidationError) as ex:
        raise problems.Invalid({"until": ["Not a day such as 2027-06-30."]}) from ex
