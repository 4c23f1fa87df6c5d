"""A person's own keys: the user key, and the identity that signs and receives for them."""

import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from . import seal
from .encoding import Broken, ObjectType, u64
from .identity import IdCert, idcert_body, parse_idcert

_USER_KEY: Final = 32
_SEED: Final = 32


def make_user_key() -> bytes:
    """Return a new user key (UK)."""
    return os.urandom(_USER_KEY)


def wrap_user_key(
    user_key: bytes, kek: bytes, kind: ObjectType, user_id: UUID, keyset: int
) -> bytes:
    """Return the user key sealed by password (type 01) or by recovery code (type 02)."""
    return seal.seal(kek, kind, user_key_fields(user_id, keyset), user_key)


def unwrap_user_key(blob: bytes, kek: bytes, kind: ObjectType, user_id: UUID, keyset: int) -> bytes:
    """Return the user key."""
    user_key = seal.open(kek, kind, user_key_fields(user_id, keyset), blob)
    if len(user_key) != _USER_KEY:
        raise Broken
    return user_key


def user_key_fields(user_id: UUID, keyset: int) -> tuple[bytes, ...]:
    """Return the context of a wrapped user key."""
    return (user_id.bytes, u64(keyset))


def identity_fields(user_id: UUID, keyset: int, key_epoch: int) -> tuple[bytes, ...]:
    """Return the context of sealed identity seeds."""
    return (user_id.bytes, u64(keyset), u64(key_epoch))


def derive_xwing(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """Return both halves of an X-Wing key (draft-connolly-cfrg-xwing-kem, section 5.2)."""
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def derive_x_pk(seed: bytes) -> bytes:
    """Return the X-Wing public key, 1,216 bytes."""
    mlkem, x25519 = derive_xwing(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


@dataclass(frozen=True)
class Identity:
    """Someone's private keys of one key epoch; the public ones are computed from them."""

    user_id: UUID
    ed_seed: bytes = field(repr=False)
    x_seed: bytes = field(repr=False)
    key_epoch: int = 1

    @classmethod
    def make(cls, user_id: UUID, key_epoch: int = 1) -> Self:
        """Return a new identity."""
        return cls(user_id, os.urandom(_SEED), os.urandom(_SEED), key_epoch)

    @classmethod
    def open(cls, user_key: bytes, blob: bytes, user_id: UUID, keyset: int, key_epoch: int) -> Self:
        """Return the identity of a type 10 object."""
        fields = identity_fields(user_id, keyset, key_epoch)
        seeds = seal.open(user_key, ObjectType.IDENTITY, fields, blob)
        if len(seeds) != 2 * _SEED:
            raise Broken
        return cls(user_id, seeds[:_SEED], seeds[_SEED:], key_epoch)

    def seal(self, user_key: bytes, keyset: int) -> bytes:
        """Return the type 10 object."""
        fields = identity_fields(self.user_id, keyset, self.key_epoch)
        return seal.seal(user_key, ObjectType.IDENTITY, fields, self.ed_seed + self.x_seed)

    @cached_property
    def ed_pk(self) -> bytes:
        """The Ed25519 public key, 32 bytes."""
        return self._ed_key.public_key().public_bytes_raw()

    @cached_property
    def x_pk(self) -> bytes:
        """The X-Wing public key, 1,216 bytes."""
        return derive_x_pk(self.x_seed)

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature; every message begins with a label of its own kind."""
        return self._ed_key.sign(message)

    def idcert(self, previous: Self | None = None) -> IdCert:
        """Return the certificate, which from key epoch 2 on *previous* signs too."""
        body = idcert_body(self.user_id, self.ed_pk, self.x_pk, self.key_epoch)
        if previous is None:
            return parse_idcert(body + self.sign(body))
        return parse_idcert(body + self.sign(body) + previous.sign(body))

    def hpke_key(self) -> MLKEM768X25519PrivateKey:
        """Return the key that opens what was shared with this identity."""
        return MLKEM768X25519PrivateKey(*derive_xwing(self.x_seed))

    @cached_property
    def _ed_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.ed_seed)
