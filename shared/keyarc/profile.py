"""What the server says of one's own account: nothing of it is secret, and nothing is proved."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from .answers import SALT_BYTES, field, raw, text
from .encoding import Broken, parse_id, parse_u64
from .http import refuse
from .session import Connection

PATH = "/api/account/profile"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery that somebody has begun; times as the server writes them (RFC 3339)."""

    begun_at: str
    ready_at: str
    device: str
    network: str

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one."""
        names = ("begun_at", "ready_at", "device", "network")
        begun_at, ready_at, device, network = (text(media, name) for name in names)
        return cls(begun_at, ready_at, device, network)


@dataclass(frozen=True, slots=True)
class Profile:
    """The account; *recovery_code_at* is when the recovery code that works now was made."""

    user_id: UUID
    email: str
    created_at: str
    keyset: int
    salt: bytes
    recovery_code_at: str
    reminders: bool
    second_factor: bool
    recovery: Recovery | None

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the answer of ``GET /api/account/profile``."""
        second_factor, recovery = field(media, "second_factor"), field(media, "recovery")
        reminders = field(media, "reminders")
        if not isinstance(second_factor, bool) or not isinstance(reminders, bool):
            raise Broken
        return cls(
            user_id=parse_id(field(media, "user_id")),
            email=text(media, "email"),
            created_at=text(media, "created_at"),
            keyset=parse_u64(field(media, "keyset")),
            salt=raw(media, "salt", SALT_BYTES),
            recovery_code_at=text(media, "recovery_code_at"),
            reminders=reminders,
            second_factor=second_factor,
            recovery=None if recovery is None else Recovery.of(recovery),
        )


def profile(connection: Connection) -> Profile:
    """Ask for the account."""
    return Profile.of(connection.get(PATH))


def switch_reminders(connection: Connection, *, wanted: bool) -> None:
    """Say whether one wants letters about reminders."""
    answer = connection.ask("PATCH", PATH, {"reminders": wanted})
    if answer.status != 200:
        raise refuse(answer)
