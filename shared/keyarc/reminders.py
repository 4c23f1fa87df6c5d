"""The days that the server knows: it writes letters on them, and cannot tell what they are for."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .answers import items, text
from .commits import MAX_OPS, Role
from .encoding import Broken, parse_id
from .errors import Failure, Untold
from .expiry import parse_day, reminder_day
from .http import refuse
from .session import Connection
from .sync import VaultView

if TYPE_CHECKING:
    from .client import Client

Days = Mapping[UUID, date | None]


def tell(connection: Connection, vault_id: UUID, days: Days) -> None:
    """Set the day of each secret, or with None take it away, after the change that says so.

    The server passes over what somebody has removed, and its reminder with it.
    """
    wishes = [
        {"secret_id": str(secret_id), "day": None if day is None else str(day)}
        for secret_id, day in days.items()
    ]
    path = f"/api/keys/vaults/{vault_id}/reminders"
    try:
        for first in range(0, len(wishes), MAX_OPS):
            answer = connection.ask("PUT", path, {"items": wishes[first : first + MAX_OPS]})
            if answer.status != 204:
                raise refuse(answer)
    except Failure as ex:
        raise Untold(
            "the change was kept, but the server was not told on which days to remind of it:"
            f" `keyarc expiring` tells it again ({ex})"
        ) from ex


def days(connection: Connection, vault_id: UUID, until: date | None = None) -> dict[UUID, date]:
    """Return the days that the server knows, up to one and with it."""
    query = "" if until is None else f"?until={until}"
    answer = connection.get(f"/api/keys/vaults/{vault_id}/expiring{query}")
    return dict(items(answer, "items", _reminder))


def settle(client: "Client", view: VaultView) -> int:
    """Tell the server every day that it has otherwise than the vault; return how many.

    Signed is what the vault says. A change whose answer was lost is made up for here, and so is
    one by a client that knows no reminders.
    """
    connection, own = client.opened.connection, client.opened.keys.user_id
    member = view.state.roster.get(own)
    if member is None or member.role is Role.VIEWER:
        return 0
    wanted = {one.id: reminder_day(one.overview) for one in view.secrets.values()}
    known = days(connection, view.vault_id)
    differing = {one: day for one, day in wanted.items() if day != known.get(one)}
    differing |= dict.fromkeys(known.keys() - wanted.keys())
    tell(connection, view.vault_id, differing)
    return len(differing)


def _reminder(media: Any) -> tuple[UUID, date]:
    try:
        return parse_id(text(media, "secret_id")), parse_day(text(media, "day"))
    except ValueError as ex:
        raise Broken from ex
