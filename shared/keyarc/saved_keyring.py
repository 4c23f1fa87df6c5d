"""The keyring as this device believes it, saved at the server by compare-and-swap.

What the server gives must follow from what this device saw before: a smaller revision, a pin that
fell, a key that changed are a `Rollback`, another history is a `Fork`. When another device saved
first, both keyrings are joined: the keys of both, and of each vault the higher pin.
"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from .answers import SealedKeyring, field
from .commits import State
from .device import Account, Device
from .encoding import Broken, ObjectType, b64, check_blob, parse_u64, unb64
from .errors import Conflict, Fork, NotLoggedIn, Rollback
from .http import refuse
from .keyring import Keyring
from .memories import AuditPin, VaultKeys
from .own_keys import OwnKeys
from .session import Connection

PATH = "/api/account/keyring"
TRIES = 20
AUDIT_ROWS = 100  # rows of an access log that another device may have to read once more
OVERTAKEN = "the keys of this account have just been changed on this device: try again"


class SavedKeyring:
    """A `Keyring` with the revision under which the server keeps it.

    ``seen`` holds, by vault, the hash of every commit that this process has verified, so that a
    keyring from another device cannot name another history unnoticed. ``anchors`` are pins lower
    than the keyring's own: from them the next sync verifies the way up to it.
    """

    def __init__(
        self, connection: Connection, keys: OwnKeys, account: Account, device: Device | None
    ) -> None:
        self.account = account
        self.anchors: dict[UUID, State] = {}
        self.seen: dict[UUID, dict[int, bytes]] = {}
        self._heard: dict[UUID, AuditPin] = {}
        self._connection = connection
        self._keys = keys
        self._device = device
        self.keyring = self._open(self._known())
        self._anchor(self.keyring)

    def load(self) -> None:
        """Fetch the newest keyring."""
        self.adopt(SealedKeyring.of(self._connection.get(PATH)))

    def adopt(self, current: SealedKeyring) -> None:
        """Believe a keyring of the server if it follows from the one that is known."""
        known = self._known()
        if current.revision < known.revision:
            raise Rollback
        try:
            keyring = self._open(current)
        except Broken:
            if self._connection.is_overtaken():
                raise NotLoggedIn(OVERTAKEN) from None
            raise
        keyring.check_follows(self._open(known))
        self.keyring = keyring
        self._anchor(keyring)
        self._remember(current)

    def raise_pin(
        self, state: State, passed: Mapping[int, bytes], audit: AuditPin | None = None
    ) -> None:
        """Take a verified *state* for the vault's newest, and save where that moved the pin.

        So is the access log's end, *audit*; since every reading moves it, the other devices are
        told with the next change, or after many rows. Readers thus do not race for the keyring.
        """
        self.seen.setdefault(state.vault_id, {}).update(passed)
        vault = self.keyring.vaults[state.vault_id]
        before, heard = vault.pin, vault.audit
        self.pin(state)
        if audit is not None:
            self._heard[state.vault_id] = audit
        late = audit is not None and (heard is None or heard.seq + AUDIT_ROWS <= audit.seq)
        if before is None or before.seq < state.seq or late:
            self.save()

    def pin(self, state: State) -> None:
        """Take *state* for the vault's newest; `save` makes it known to the other devices."""
        self.keyring.drop_beaten(state)
        self.keyring.pin(state)
        self.anchors[state.vault_id] = state.public()

    def save(self) -> None:
        """Save, joining what another device saved in between."""
        for vault_id, audit in self._heard.items():
            pinned = self.keyring.vaults[vault_id].audit
            if pinned is None or pinned.seq < audit.seq:
                self.keyring.pin_audit(vault_id, audit)
        for _ in range(TRIES):
            revision = parse_u64(self.account.revision) + 1
            blob = self.keyring.seal(self._keys.user_key, self._keys.user_id, revision)
            body = {"replaces": self.account.revision, "blob": b64(blob)}
            answer = self._connection.ask("PUT", PATH, body)
            if answer.status == 200:
                self._remember(SealedKeyring(revision, blob))
                return
            if answer.status != 409:
                raise refuse(answer)
            current = SealedKeyring.of(field(answer.media, "current"))
            if current.blob == blob:  # the answer to the first sending was lost
                self._remember(current)
                return
            self._join(current)
        raise Conflict("other devices keep changing the keyring: try again")

    def _known(self) -> SealedKeyring:
        blob = unb64(self.account.keyring)
        check_blob(blob, ObjectType.KEYRING)
        return SealedKeyring(parse_u64(self.account.revision), blob)

    def _open(self, sealed: SealedKeyring) -> Keyring:
        keys = self._keys
        return Keyring.open(keys.user_key, keys.user_id, sealed.revision, sealed.blob)

    def _join(self, current: SealedKeyring) -> None:
        mine = self.keyring
        self.adopt(current)
        for vault_id, vault in mine.vaults.items():
            theirs = self.keyring.vaults.get(vault_id, VaultKeys()).pin
            if vault.pin is not None and theirs is not None and theirs.seq <= vault.pin.seq:
                self._check_on_the_way(theirs)
        self.keyring.take(mine)

    def _check_on_the_way(self, theirs: State) -> None:
        """Refuse a lower pin of another device that is not a commit this process passed."""
        if self.seen.get(theirs.vault_id, {}).get(theirs.seq, theirs.head) != theirs.head:
            raise Fork

    def _anchor(self, keyring: Keyring) -> None:
        for vault_id, vault in keyring.vaults.items():
            if vault.pin is not None:
                self.anchors.setdefault(vault_id, vault.pin)

    def _remember(self, sealed: SealedKeyring) -> None:
        revision, blob = str(sealed.revision), b64(sealed.blob)
        self.account = replace(self.account, revision=revision, keyring=blob)
        if self._device is not None:
            self._device.remember_keyring(self.account)
