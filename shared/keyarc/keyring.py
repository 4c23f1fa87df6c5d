"""The keyring: what a person's devices believe, whatever the server says (README, "keyring")."""

import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, get_args
from uuid import UUID

from . import seal
from .commits import State
from .encoding import SUITE, Broken, ObjectType, b64, parse_id, parse_u64, strict_json, u64, unb64
from .errors import Rollback
from .identity import IdCert, parse_idcert
from .pins import decode_pin, encode_pin, integer, members, pairs
from .vault_keys import VAULT_KEY

Verified = Literal["link", "words"]

_FORMAT: Final = 1


@dataclass(frozen=True)
class Known:
    """A person whose identity was made sure of, and how."""

    idcert: IdCert
    verified: Verified


@dataclass
class VaultKeys:
    """The keys of a vault by epoch, and the last state of it that was verified.

    *pin* is a public state (`State.public`); None while the vault is being created.
    """

    keys: dict[int, bytes] = field(default_factory=dict, repr=False)
    pin: State | None = None


@dataclass
class Keyring:
    """Vault keys and pins, known people, and the smallest suite accepted."""

    vaults: dict[UUID, VaultKeys] = field(default_factory=dict)
    people: dict[UUID, Known] = field(default_factory=dict)
    invitations: dict[str, Any] = field(default_factory=dict)
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
        """Keep the key of an epoch, which never changes afterwards."""
        keys = self.vaults.setdefault(vault_id, VaultKeys()).keys
        if keys.setdefault(epoch, vault_key) != vault_key:
            raise Broken

    def vault_key(self, vault_id: UUID, epoch: int) -> bytes:
        """Return the key of an epoch."""
        try:
            return self.vaults[vault_id].keys[epoch]
        except KeyError:
            raise Broken from None

    def pin(self, state: State) -> None:
        """Remember *state*; one that lies before the pin, or beside it, is a `Rollback`."""
        vault = self.vaults.setdefault(state.vault_id, VaultKeys())
        if vault.pin is not None:
            _check_pin(vault.pin, state)
        vault.pin = state.public()

    def know(self, idcert: IdCert, verified: Verified) -> None:
        """Remember a person; a known one changes only by a certificate that the old key signed."""
        known = self.people.get(idcert.user_id)
        if known is not None and known.idcert.raw != idcert.raw:
            parse_idcert(idcert.raw, previous=known.idcert)
        self.people[idcert.user_id] = Known(idcert, verified)

    def raise_min_suite(self, suite: int) -> None:
        """Accept no suite below *suite* any more."""
        self.min_suite = max(self.min_suite, suite)

    def check_follows(self, earlier: "Keyring") -> None:
        """Refuse this keyring if it forgets or changes what *earlier* held for good."""
        if self.min_suite < earlier.min_suite:
            raise Rollback
        for vault_id, before in earlier.vaults.items():
            now = self.vaults.get(vault_id, VaultKeys())
            if any(now.keys.get(epoch) != key for epoch, key in before.keys.items()):
                raise Rollback
            if before.pin is not None:
                if now.pin is None:
                    raise Rollback
                _check_pin(before.pin, now.pin)

    def encode(self) -> bytes:
        """Return the plaintext of a type 40 object."""
        media = {
            "ka": _FORMAT,
            "min_suite": self.min_suite,
            "vaults": {str(vault_id): _vault(vault) for vault_id, vault in self.vaults.items()},
            "people": {
                str(user_id): {"idcert": b64(known.idcert.raw), "verified": known.verified}
                for user_id, known in self.people.items()
            },
            "invitations": self.invitations,
        }
        return json.dumps(media, separators=(",", ":")).encode()

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
            {parse_id(key): _read_vault(UUID(key), vault) for key, vault in pairs(media["vaults"])},
            {parse_id(key): _read_known(key, known) for key, known in pairs(media["people"])},
            dict(pairs(media["invitations"])),
            media["min_suite"],
        )


def keyring_fields(user_id: UUID, revision: int) -> tuple[bytes, bytes]:
    """Return the context of a keyring."""
    return (user_id.bytes, u64(revision))


def _check_pin(pin: State, state: State) -> None:
    if state.seq < pin.seq or (state.seq == pin.seq and state.head != pin.head):
        raise Rollback


def _vault(vault: VaultKeys) -> dict[str, Any]:
    return {
        "keys": {str(epoch): b64(key) for epoch, key in sorted(vault.keys.items())},
        "pin": None if vault.pin is None else encode_pin(vault.pin),
    }


def _read_vault(vault_id: UUID, media: Any) -> VaultKeys:
    vault = members(media, "keys", "pin")
    keys = {parse_u64(epoch): unb64(key, VAULT_KEY) for epoch, key in pairs(vault["keys"])}
    pin = vault["pin"]
    if 0 in keys:
        raise Broken
    return VaultKeys(keys, None if pin is None else decode_pin(vault_id, pin))


def _read_known(user_id: str, media: Any) -> Known:
    known = members(media, "idcert", "verified")
    idcert = parse_idcert(unb64(known["idcert"]))
    if known["verified"] not in get_args(Verified) or str(idcert.user_id) != user_id:
        raise Broken
    return Known(idcert, known["verified"])
