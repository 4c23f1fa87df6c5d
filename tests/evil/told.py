"""What both clients have in common for the property: how they say no, and what is asked of them."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from shared.keyarc.keyring import Keyring


class Refused(Exception):
    """A typed error of a client; an *alarm* says that the server is not to be believed."""

    def __init__(self, kind: str, *, alarm: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.alarm = alarm


@lru_cache(maxsize=4)
def opened(user_key: bytes, user_id: UUID, revision: int, blob: bytes) -> Keyring:
    """Open a keyring; most devices keep the same one as after the lie before."""
    return Keyring.open(user_key, user_id, revision, blob)


class Side(Protocol):
    """One of the two clients, with the devices of everybody."""

    name: str
    stories: Mapping[str, tuple[str, Callable[..., Any]]]

    def tell(self, story: str) -> Any:
        """Let a story happen on a device that begins anew; `Refused` for a typed error."""

    def again(self) -> None:
        """Ask for the team's vault once more, in the same process."""

    def keyring(self, story: str) -> Keyring:
        """Open what the device has kept of the keyring."""
