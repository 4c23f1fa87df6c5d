"""An account that is open on a device: what every deed of a client starts from."""

from dataclasses import dataclass
from typing import Self

from .device import Account, Device
from .encoding import unb64
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
    machine: bool = False

    @classmethod
    def of(cls, entered: Entered) -> Self:
        """Take what a way in gave."""
        unlocked = entered.unlocked
        connection = Connection(
            entered.transport, entered.keeper, unlocked.session, entered.renewal
        )
        keyring = SavedKeyring(connection, unlocked.keys, unlocked.account, entered.device)
        return cls(connection, unlocked.keys, keyring, entered.device, entered.machine)

    def renewed(self, account: Account, user_key: str) -> Self:
        """Give the account as it is after a change of its keys."""
        keys = OwnKeys.of(account, unb64(user_key, 32))
        keyring = SavedKeyring(self.connection, keys, account, self.device)
        keyring.seen = self.keyring.seen
        if keys.idcert == self.keys.idcert:  # older pins know nothing of a new certificate
            keyring.anchors = self.keyring.anchors
        return type(self)(self.connection, keys, keyring, self.device)
