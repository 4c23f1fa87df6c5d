"""On which day people want to hear of a secret: an id and a day, and nothing of what or why."""

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from falcon import HTTP_NO_CONTENT, Request, Response

from handlers.keys import reminders_sql as sql
from shared import audit, db, pages, problems, schemas, vault_log, vault_log_sql
from shared.audit import Action
from shared.keyarc.commits import MAX_OPS
from shared.operations import Operation
from shared.permissions import Permission
from shared.schemas import Schema, ValidationError, fields


class Draft(Schema):
    """The day, of UTC."""

    day = schemas.Day(required=True)


class Wish(Schema):
    """A secret and its day; null where nobody wants to hear of it any more."""

    secret_id = schemas.Id(required=True)
    day = schemas.Day(required=True, allow_none=True)


class Wishes(Schema):
    """Many at once; of one that is named twice the last counts."""

    items = schemas.List(schemas.Nested(Wish), longest=MAX_OPS, required=True)


class Reminder(Schema):
    """A secret, and its day."""

    secret_id = schemas.Id()
    day = schemas.Day()


class Page(Schema):
    """The reminders of a vault, the first day first; all of them come at once."""

    items = fields.List(fields.Nested(Reminder))
    next = schemas.U64(allow_none=True)


DRAFT = Draft()
WISHES = Wishes()
PAGE = Page()


class Reminders:
    """``/api/keys/vaults/{vault_id}/reminders`` and, under *item*, that of one secret."""

    operations: ClassVar[Mapping[str, Operation]] = {
        "on_put": Operation(request=WISHES, status=204),
        "on_put_item": Operation(request=DRAFT, status=204),
        "on_delete_item": Operation(status=204),
    }

    def __init__(self, pool: db.Pool) -> None:
        self._pool = pool

    def on_put(self, req: Request, resp: Response, vault_id: UUID) -> None:
        """Set and take away the days of many secrets; one that was deleted meanwhile has none."""
        days = {one["secret_id"]: one["day"] for one in schemas.read(WISHES, req)["items"]}
        self._tell(req, vault_id, days)
        resp.status = HTTP_NO_CONTENT

    def on_put_item(self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID) -> None:
        """Let everybody of the vault hear of the secret on a day."""
        day = schemas.read(DRAFT, req)["day"]
        if not self._tell(req, vault_id, {secret_id: day}):
            raise problems.NotFound
        resp.status = HTTP_NO_CONTENT

    def on_delete_item(self, req: Request, resp: Response, vault_id: UUID, secret_id: UUID) -> None:
        """Let nobody hear of it; also where nobody would have."""
        self._tell(req, vault_id, {secret_id: None})
        resp.status = HTTP_NO_CONTENT

    def _tell(self, req: Request, vault_id: UUID, days: Mapping[UUID, dt.date | None]) -> int:
        """Keep days, and take away those that are None; return how many became others."""
        wanted = {one: day for one, day in days.items() if day is not None}
        with self._pool.connection() as conn:
            vault_log.require(conn, req.context.actor, Permission.REMINDER_SET, vault_id)
            vault_log_sql.lock(conn, vault_id)  # so that nobody deletes a secret meanwhile
            told = {
                Action.REMINDER_SET: sql.put(conn, vault_id, wanted),
                Action.REMINDER_REMOVED: sql.remove(conn, vault_id, days.keys() - wanted.keys()),
            }
            for action, secret_ids in told.items():
                if secret_ids:
                    audit.record(conn, req, action, vault_id, *sorted(secret_ids))
        return sum(map(len, told.values()))


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
