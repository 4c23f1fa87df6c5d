"""An account that is open on a device: what every deed of a client starts from."""

from dataclasses import dataclass
from typing import Self

from .device import Device
from .entrance import Entered
from .own_keys import OwnKeys
from .saved_keyring import SavedKeyring
from .session import Connection


@dataclass(frozen=True)
class Opened:
    """One's own keys, the keyring, the connection to the server; *device* None keeps nothing."""

    connection: Connection
    keys: OwnKeys
    keyring: SavedKeyring
    device: Device | None

    @classmethod
    def of(cls, entered: Entered) -> Self:
        """Take what a way in gave."""
        unlocked = entered.unlocked
        connection = Connection(entered.transport, entered.keeper, unlocked.session)
        keyring = SavedKeyring(connection, unlocked.keys, unlocked.account, entered.device)
        return cls(connection, unlocked.keys, keyring, entered.device)
