"""What both clients have in common for the property: how they say no, and what is asked of them."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from shared.keyarc.keyring import Keyring


class Refused(Exception):
    """A typed error of a client; an *alarm* says that the server is not to be believed."""

    def __init__(self, kind: str, *, alarm: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.alarm = alarm


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
