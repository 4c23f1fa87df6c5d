"""The keyring: what a person's devices believe, whatever the server says (README, "keyring")."""

import json
from dataclasses import dataclass, field, replace
from typing import Final, Self
from uuid import UUID

from . import seal
from .commits import State
from .encoding import SUITE, Broken, ObjectType, parse_id, strict_json, u64
from .errors import AuditBroken, Fork, Rollback
from .identity import IdCert, parse_idcert
from .memories import (
    AuditPin,
    Known,
    SentInvitation,
    VaultKeys,
    Verified,
    read_known,
    read_sent,
    read_vault,
    write_known,
    write_sent,
    write_vault,
)
from .pins import integer, members, pairs
from .vault_keys import is_vault_key

_FORMAT: Final = 1


@dataclass
class Keyring:
    """Vault keys and pins, known people, one's own invitations, the smallest suite accepted."""

    vaults: dict[UUID, VaultKeys] = field(default_factory=dict)
    people: dict[UUID, Known] = field(default_factory=dict)
    invitations: dict[UUID, SentInvitation] = field(default_factory=dict)
    min_suite: int = SUITE

    @classmethod
    def open(cls, user_key: bytes, user_id: UUID, revision: int, blob: bytes) -> Self:
        """Return the keyring of a type 40 object."""
        fields = keyring_fields(user_id, revision)
        return cls.decode(seal.open(user_key, ObjectType.KEYRING, fields, blob))

    def seal(self, user_key: bytes, user_id: UUID, revision: int) -> bytes:
        """Return the type 40 object."""
        fields = keyring_fields(user_id, revision)
        return seal.seal(user_key, ObjectType.KEYRING, fields, self.encode())

    def add_vault_key(self, vault_id: UUID, epoch: int, vault_key: bytes) -> None:
        """Keep the key of an epoch, which never changes once the pin has that epoch."""
        vault = self.vaults.setdefault(vault_id, VaultKeys())
        if vault.is_candidate(epoch):
            vault.keys[epoch] = vault_key
        elif vault.keys.setdefault(epoch, vault_key) != vault_key:
            raise Broken

    def drop_beaten(self, state: State) -> None:
        """Forget candidates whose epoch began, in the history that led to *state*, with another."""
        vault = self.vaults.get(state.vault_id, VaultKeys())
        for epoch in [one for one in vault.keys if vault.is_candidate(one)]:
            key = vault.keys[epoch]
            if epoch <= state.epoch and not is_vault_key(key, state.vault_id, epoch, state.epochs):
                del vault.keys[epoch]

    def vault_key(self, vault_id: UUID, epoch: int) -> bytes:
        """Return the key of an epoch."""
        try:
            return self.vaults[vault_id].keys[epoch]
        except KeyError:
            raise Broken from None

    def mounted(self) -> set[UUID]:
        """Give the vaults that this person said yes to, and is not out of."""
        return {vault_id for vault_id, vault in self.vaults.items() if not vault.left}

    def pin(self, state: State) -> None:
        """Remember *state*; one before the pin is a `Rollback`, beside it a `Fork`."""
        vault = self.vaults.setdefault(state.vault_id, VaultKeys())
        if vault.pin is not None:
            _check_pin(vault.pin, state)
        vault.pin = state.public()

    def pin_audit(self, vault_id: UUID, head: AuditPin) -> None:
        """Remember how far a vault's access log has come; it only rises."""
        vault = self.vaults.setdefault(vault_id, VaultKeys())
        if not _continues(vault.audit, head):
            raise AuditBroken
        vault.audit = head

    def know(self, idcert: IdCert, verified: Verified, email: str = "") -> None:
        """Remember a person; a known one changes only by a certificate that the old key signed.

        Compared words stay compared words, and an address stays unless words were compared for
        another: whoever sends a link, or holds one, may call themselves what they like.
        """
        known = self.people.get(idcert.user_id)
        if known is not None:
            if known.idcert.raw != idcert.raw:
                parse_idcert(idcert.raw, previous=known.idcert)
            if not email or (known.email and verified == "link"):
                email = known.email
            verified = "words" if known.verified == "words" else verified
        self.people[idcert.user_id] = Known(idcert, verified, email)

    def meet(self, idcert: IdCert, email: str) -> None:
        """Remember somebody whose words were compared for these very keys, whatever they had.

        The address goes with them: whoever went by it before is not known by it any more.
        """
        known = self.people.get(idcert.user_id)
        if known is not None and known.idcert.key_epoch > idcert.key_epoch:
            raise Rollback
        for user_id, other in self.people.items():
            if email and other.email.lower() == email.lower():
                self.people[user_id] = replace(other, email="")
        email = email or (known.email if known else "")
        self.people[idcert.user_id] = Known(idcert, "words", email)

    def raise_min_suite(self, suite: int) -> None:
        """Accept no suite below *suite* any more."""
        self.min_suite = max(self.min_suite, suite)

    def check_follows(self, earlier: "Keyring") -> None:
        """Refuse this keyring if it forgets or changes what *earlier* held for good."""
        if self.min_suite < earlier.min_suite:
            raise Rollback
        for vault_id, before in earlier.vaults.items():
            now = self.vaults.get(vault_id, VaultKeys())
            lasting = {e: key for e, key in before.keys.items() if not before.is_candidate(e)}
            if any(now.keys.get(epoch) != key for epoch, key in lasting.items()):
                raise Rollback
            if before.pin is not None:
                if now.pin is None:
                    raise Rollback
                _check_pin(before.pin, now.pin)
            if not _continues(before.audit, now.audit):
                raise Rollback

    def take(self, other: "Keyring") -> None:
        """Take in what *other* knows more of: the same person's keyring, on another device."""
        for vault_id, theirs in other.vaults.items():
            mine = self.vaults.setdefault(vault_id, VaultKeys())
            for epoch, key in theirs.keys.items():
                if mine.is_candidate(epoch) or not theirs.is_candidate(epoch):
                    self.add_vault_key(vault_id, epoch, key)
            _take_vault(mine, theirs)
        for user_id, known in other.people.items():
            here = self.people.get(user_id, known)
            # Of a key two steps on only the vaults' histories tell: the next of them brings it.
            follows = known.idcert.key_epoch in {here.idcert.key_epoch, here.idcert.key_epoch + 1}
            idcert = known.idcert if follows else here.idcert
            self.know(idcert, known.verified, here.email or known.email)
        self.invitations = other.invitations | self.invitations
        self.raise_min_suite(other.min_suite)

    def encode(self) -> bytes:
        """Return the plaintext of a type 40 object."""
        media = {
            "ka": _FORMAT,
            "min_suite": self.min_suite,
            "vaults": {
                str(vault_id): write_vault(vault) for vault_id, vault in self.vaults.items()
            },
            "people": {str(user_id): write_known(one) for user_id, one in self.people.items()},
            "invitations": {
                str(invite_id): write_sent(sent) for invite_id, sent in self.invitations.items()
            },
        }
        return json.dumps(media, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, plaintext: bytes) -> Self:
        """Read the plaintext of a type 40 object."""
        media = members(
            strict_json(plaintext), "ka", "min_suite", "vaults", "people", "invitations"
        )
        # A keyring of a later suite, or one that asks for it, is for a later client.
        if (integer(media["ka"]), integer(media["min_suite"])) != (_FORMAT, SUITE):
            raise Broken
        return cls(
            {parse_id(key): read_vault(UUID(key), vault) for key, vault in pairs(media["vaults"])},
            {parse_id(key): read_known(key, known) for key, known in pairs(media["people"])},
            {parse_id(key): read_sent(sent) for key, sent in pairs(media["invitations"])},
            media["min_suite"],
        )


def keyring_fields(user_id: UUID, revision: int) -> tuple[bytes, bytes]:
    """Return the context of a keyring."""
    return (user_id.bytes, u64(revision))


def _check_pin(pin: State, state: State) -> None:
    if state.seq < pin.seq:
        raise Rollback
    if state.seq == pin.seq and state.head != pin.head:
        raise Fork


def _take_vault(mine: VaultKeys, theirs: VaultKeys) -> None:
    """Take the higher pins; whether a vault was left is what the higher one knows."""
    here, there = (0 if one.pin is None else one.pin.seq for one in (mine, theirs))
    if mine.pin is not None and theirs.pin is not None and here == there:
        _check_pin(mine.pin, theirs.pin)
    mine.left = (mine.left and here >= there) or (theirs.left and there >= here)
    mine.pin = theirs.pin if there > here else mine.pin
    if theirs.audit is not None and (mine.audit is None or theirs.audit.seq >= mine.audit.seq):
        if not _continues(mine.audit, theirs.audit):
            raise AuditBroken
        mine.audit = theirs.audit


def _continues(pin: AuditPin | None, head: AuditPin | None) -> bool:
    if pin is None:
        return True
    return head is not None and (head.seq > pin.seq or head == pin)
