"""The account key on its way to a new device, which a signed-in one seals it for.

The server carries both messages and may put others in their place. So words are compared twice:
before the sealing, that the key is the new device's; after it, that the answer is the other's. With
an account key of the server's making the new device's proof would let it guess the password.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from .account_keys import derive_xwing
from .encoding import Broken, lp, sha256
from .identity import check_x_pk
from .sharing import SUITE, hpke_public_key
from .words import words_of

_ACCOUNT_KEY: Final = 16


@dataclass(frozen=True)
class Asked:
    """Whose account key is asked for, and the X-Wing key (1,216 bytes) to seal it for."""

    user_id: UUID
    email: str
    x_pk: bytes


def request_words(email: str, x_pk: bytes) -> list[str]:
    """Return the words of a request, the same on both screens before anything is sealed."""
    return words_of(b"keyarc/ka1/device-request\0", lp(email.encode()), x_pk)


def approved_words(email: str, x_pk: bytes, sealed: bytes) -> list[str]:
    """Return the words of an answer, the same on both screens before it is used."""
    return words_of(b"keyarc/ka1/device-approved\0", lp(email.encode()), x_pk, sha256(sealed))


def approval_info(asked: Asked) -> bytes:
    """Return HPKE's ``info``: all that an answer is bound to."""
    who = asked.user_id.bytes + lp(asked.email.encode())
    return b"keyarc/ka1/device-approval\0" + who + sha256(asked.x_pk)


def seal_account_key(asked: Asked, account_key: bytes) -> bytes:
    """Return *account_key* (16 bytes) for the device that asked, whose words were compared."""
    check_x_pk(asked.x_pk)
    if len(account_key) != _ACCOUNT_KEY:
        raise Broken
    return SUITE.encrypt(account_key, hpke_public_key(asked.x_pk), approval_info(asked))


def open_account_key(asked: Asked, seed: bytes, sealed: bytes) -> bytes:
    """Return the account key, by the seed of the key that it was sealed for."""
    try:
        key = MLKEM768X25519PrivateKey(*derive_xwing(seed))
        account_key = SUITE.decrypt(sealed, key, approval_info(asked))
    except (InvalidTag, ValueError):
        raise Broken from None
    if len(account_key) != _ACCOUNT_KEY:
        raise Broken
    return account_key
