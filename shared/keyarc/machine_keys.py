"""A machine token: the one secret of a machine, from which all its keys follow.

A token is made by its owner's client, shown once, and never sent: the server learns its id and a
proof of it.
"""

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self
from uuid import UUID, uuid4

from . import crockford, hkdf, kdf
from .encoding import Mistyped, lp, sha256

PREFIX: Final = "kat1_"

_ID: Final = 16
_SECRET: Final = 32
_CHECK: Final = 7
_CHARACTERS: Final = (_ID + _SECRET + _CHECK) * 8 // 5


@dataclass(frozen=True)
class MachineToken:
    """A machine's id and its secret, which no message and no error may hold."""

    machine_id: UUID
    secret: bytes = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """Return the token of a new machine."""
        return cls(uuid4(), os.urandom(_SECRET))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the token that was copied; `Mistyped` says what of it is wrong, but not the token.

        White space around it goes; nothing else is forgiven, since nobody types a token.
        """
        bare = text.strip()
        if not bare.startswith(PREFIX):
            raise Mistyped(f"a machine token begins with {PREFIX}")
        digits = bare.removeprefix(PREFIX)
        if len(digits) != _CHARACTERS:
            raise Mistyped(
                f"a machine token has {_CHARACTERS} characters after {PREFIX}: this one was cut off"
                " or is too long"
            )
        if not digits.isascii() or not set(digits) <= set(crockford.ALPHABET.lower()):
            raise Mistyped("the machine token has a character that no token has")
        raw = crockford.decode(digits.upper())
        machine_id, secret = raw[:_ID], raw[_ID : _ID + _SECRET]
        if raw[_ID + _SECRET :] != _check(machine_id, secret):
            raise Mistyped("some character of the machine token is wrong: copy it again")
        return cls(UUID(bytes=machine_id), secret)

    def show(self) -> str:
        """Return the token as it is copied."""
        machine_id = self.machine_id.bytes
        raw = machine_id + self.secret + _check(machine_id, self.secret)
        return PREFIX + crockford.encode(raw).lower()

    @cached_property
    def auth(self) -> bytes:
        """What proves the token to the server."""
        return kdf.derive_auth(self.master_key)

    @cached_property
    def user_key(self) -> bytes:
        """The key under which the machine's identity and keyring are sealed."""
        return hkdf.expand(self.master_key, b"keyarc/ka1/user-key", 32)

    @cached_property
    def master_key(self) -> bytes:
        """What the token is to a machine as password and account key are to a person: mk_m."""
        info = b"keyarc/ka1/machine\0" + lp(self.machine_id.bytes)
        return hkdf.derive(self.secret, bytes(32), info, 32)


def _check(machine_id: bytes, secret: bytes) -> bytes:
    return sha256(b"keyarc/ka1/machine-token-check\0", machine_id, secret)[:_CHECK]
