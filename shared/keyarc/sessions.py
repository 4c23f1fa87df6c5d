"""Every session of one's own account, and their ends."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from .answers import field, items, number, text
from .encoding import Broken, parse_id
from .errors import NotFound
from .http import refuse
from .moments import moment
from .opened import Opened

PATH = "/api/account/sessions"


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session; times are RFC 3339, *current* is the one that asks."""

    session_id: UUID
    device: str
    browser: bool
    network: str
    created_at: str
    last_seen_at: str
    expires_at: str
    current: bool

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one."""
        return cls(
            session_id=parse_id(field(media, "session_id")),
            device=text(media, "device"),
            browser=_flag(media, "browser"),
            network=text(media, "network"),
            created_at=moment(media, "created_at"),
            last_seen_at=moment(media, "last_seen_at"),
            expires_at=moment(media, "expires_at"),
            current=_flag(media, "current"),
        )


def sessions(opened: Opened) -> list[OwnSession]:
    """Give every session that is alive."""
    return items(opened.connection.get(PATH), "items", OwnSession.of)


def end(opened: Opened, session_id: UUID) -> None:
    """End one session, at once and everywhere."""
    try:
        answer = opened.connection.ask("DELETE", f"{PATH}/{session_id}")
    except NotFound as ex:
        raise NotFound(f"there is no session {session_id}") from ex
    if answer.status != 204:
        raise refuse(answer)


def end_others(opened: Opened) -> int:
    """End every session but this one; tell how many there were."""
    media = opened.connection.post(PATH, None, method="DELETE", status=200)
    return number(media, "ended")


def _flag(media: Any, name: str) -> bool:
    value = field(media, name)
    if not isinstance(value, bool):
        raise Broken
    return value
