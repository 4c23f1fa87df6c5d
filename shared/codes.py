"""Codes that people type: of an authenticator app, of paper, and of a mail."""

import base64
import hashlib
import secrets
import unicodedata
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    import pyotp  # only some logins need it

STEP_SECONDS = 30
CODE_BYTES = 10  # 80 bits: 16 characters of Crockford base32

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LIKE = str.maketrans("OIL", "011")
_IGNORED = frozenset({"Cc", "Cf", "Pd", "Zs"})  # controls, marks of direction, hyphens, spaces


def normalise(text: str) -> str:
    """Return *text* as it is compared: full-width is plain, and spaces and hyphens are gone."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(char for char in plain if unicodedata.category(char) not in _IGNORED).upper()


def make() -> bytes:
    """Return a random code of 80 bits."""
    return secrets.token_bytes(CODE_BYTES)


def write(code: bytes) -> str:
    """Return a code of 80 bits as people read it: ``XXXX-XXXX-XXXX-XXXX``."""
    number = int.from_bytes(code, "big")
    text = "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def read(text: str) -> bytes | None:
    """Return the bytes of a code that somebody typed; O is 0, I and L are 1."""
    typed = normalise(text).translate(_LIKE)
    if len(typed) != 16 or not set(typed) <= set(_ALPHABET):
        return None
    number = 0
    for char in typed:
        number = number << 5 | _ALPHABET.index(char)
    return number.to_bytes(CODE_BYTES, "big")


def backup_hash(user_id: UUID, code: bytes) -> bytes:
    """Return what the database keeps of a person's backup code."""
    return hashlib.sha256(b"keyarc/backup-code\0" + user_id.bytes + code).digest()


def matching_steps(secret: bytes, text: str, step: int) -> list[int]:
    """Return which of *step* and its two neighbours *text* is the code of, earliest first."""
    typed = normalise(text)
    if len(typed) != 6 or not (typed.isascii() and typed.isdecimal()):
        return []
    otp = app(secret)
    near = range(max(step - 1, 0), step + 2)
    return [each for each in near if secrets.compare_digest(otp.generate_otp(each), typed)]


def app(secret: bytes) -> "pyotp.TOTP":
    """Return the authenticator app that holds *secret*."""
    import pyotp  # noqa: PLC0415 - only some logins need it

    return pyotp.TOTP(base64.b32encode(secret).decode(), interval=STEP_SECONDS)
