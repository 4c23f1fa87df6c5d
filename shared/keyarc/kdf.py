"""From password and account key, or from the recovery code, to the keys that they stand for.

Nothing here takes a parameter of the derivation: those are constants, whatever a server says.
"""

import os
import re
import threading
import unicodedata
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from . import crockford, hkdf
from .encoding import Broken, Mistyped, lp, sha256

PASSWORD_CHARACTERS: Final = 12
PASSWORD_BYTES: Final = 1024

# OpenSSL's lanes share one pool of threads: derivations at once in one process never end.
_ONE_AT_A_TIME: Final = threading.Lock()

_SALT: Final = 16
_ACCOUNT_KEY: Final = 16
_RECOVERY_CODE: Final = 20

_LOOKALIKES: Final = str.maketrans("OIL", "011")
_DROPPED: Final = re.compile(r"[\s-]+")


def normalise_password(password: str) -> bytes:
    """Return the bytes of *password*: NFKC, so that every keyboard writes the same ones."""
    text = unicodedata.normalize("NFKC", password)
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        raise Mistyped("The password holds half a character.") from None
    if len(text) < PASSWORD_CHARACTERS:
        raise Mistyped(f"A password has at least {PASSWORD_CHARACTERS} characters.")
    if len(raw) > PASSWORD_BYTES:
        raise Mistyped(f"A password has at most {PASSWORD_BYTES} bytes.")
    return raw


def stretch(password: str, salt: bytes) -> bytes:
    """Return A: Argon2id of *password* by RFC 9106, second recommended option."""
    raw = normalise_password(password)
    if len(salt) != _SALT:
        raise Broken
    with _ONE_AT_A_TIME:
        return Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=64 * 1024).derive(
            raw
        )


def derive_master_key(stretched: bytes, account_key: bytes, user_id: UUID) -> bytes:
    """Return mk, which takes both the password and the account key (16 bytes)."""
    if len(account_key) != _ACCOUNT_KEY:
        raise Broken
    return _extract(stretched, account_key, b"keyarc/ka1/2skd\0", user_id)


def derive_recovery_master_key(recovery_code: bytes, user_id: UUID) -> bytes:
    """Return mk_r, which takes nothing but the recovery code (20 bytes)."""
    if len(recovery_code) != _RECOVERY_CODE:
        raise Broken
    return _extract(recovery_code, bytes(32), b"keyarc/ka1/recovery\0", user_id)


def derive_auth(master_key: bytes) -> bytes:
    """Return what proves the master key to the server."""
    return hkdf.expand(master_key, b"keyarc/ka1/auth", 32)


def derive_kek(master_key: bytes) -> bytes:
    """Return the key that wraps the user key and nothing else."""
    return hkdf.expand(master_key, b"keyarc/ka1/kek", 32)


def make_account_key() -> bytes:
    """Return a new account key."""
    return os.urandom(_ACCOUNT_KEY)


def show_account_key(account_key: bytes) -> str:
    """Return the account key as people copy it: 8 groups of 4."""
    return _show(account_key + _account_key_check(account_key))


def parse_account_key(text: str) -> bytes:
    """Return the account key that someone typed."""
    raw = _parse(text, 32, "An account key has 8 groups of 4 letters and digits.")
    key, check = raw[:_ACCOUNT_KEY], raw[_ACCOUNT_KEY:]
    if check != _account_key_check(key):
        raise Mistyped("Some letter or digit of the account key is wrong.")
    return key


def make_recovery_code() -> bytes:
    """Return a new recovery code."""
    return os.urandom(_RECOVERY_CODE)


def show_recovery_code(recovery_code: bytes) -> str:
    """Return the recovery code as people copy it: 10 groups of 4."""
    return _show(recovery_code + _recovery_code_check(recovery_code))


def parse_recovery_code(text: str) -> bytes:
    """Return the recovery code that someone typed."""
    raw = _parse(text, 40, "A recovery code has 10 groups of 4 letters and digits.")
    code, check = raw[:_RECOVERY_CODE], raw[_RECOVERY_CODE:]
    if check != _recovery_code_check(code):
        raise Mistyped("Some letter or digit of the recovery code is wrong.")
    return code


def _extract(ikm: bytes, salt: bytes, label: bytes, user_id: UUID) -> bytes:
    return hkdf.derive(ikm, salt, label + lp(user_id.bytes), 32)


def _account_key_check(account_key: bytes) -> bytes:
    return sha256(b"keyarc/ka1/account-key-check\0", account_key)[:4]


def _recovery_code_check(recovery_code: bytes) -> bytes:
    return sha256(b"keyarc/ka1/recovery-code-check\0", recovery_code)[:5]


def _show(raw: bytes) -> str:
    """Return Crockford base32 of *raw* in groups of 4."""
    text = crockford.encode(raw)
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _parse(text: str, count: int, shape: str) -> bytes:
    bare = _DROPPED.sub("", text)
    digits = bare.upper().translate(_LOOKALIKES)
    if not bare.isascii() or len(digits) != count or not set(digits) <= set(crockford.ALPHABET):
        raise Mistyped(shape)
    return crockford.decode(digits)
