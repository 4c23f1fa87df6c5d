"""M04: every password goes one way to its keys, whatever its length and its form.

The way is watched: which lines run. What comes out is computed once more, straight from the README.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from shared.keyarc import hkdf, kdf
from shared.keyarc.encoding import Mistyped, lp
from tests.vectors.material import some, some_id

SALT, ACCOUNT_KEY, USER = some("salt", 16), some("account key", 16), some_id("user")
# One character is one byte; 64 is the block of the hash inside, 128 that of Argon2's own.
LENGTHS = (12, 13, 63, 64, 65, 127, 128, 129, 1023, 1024)
FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
WRITTEN_TWO_WAYS = (
    "Ångström und Käse",  # composed or not
    "ﬁnally a ligature",
    "\uff4b\uff45\uff59\uff53 of full width",
    "Ω versus Ω, ² versus 2",
    "한글 비밀번호는 길어야 한다",
    "ṩ̣̇ many marks on one letter",
)


@contextmanager
def watched(lines: set[int]) -> Iterator[None]:
    """Collect the lines of kdf.py that run in the block."""

    def trace(frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if frame.f_code.co_filename != kdf.__file__:
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def keys_of(password: str) -> tuple[bytes, frozenset[int]]:
    """Derive auth and KEK, and tell which lines that took."""
    lines: set[int] = set()
    with watched(lines):
        master_key = kdf.derive_master_key(kdf.stretch(password, SALT), ACCOUNT_KEY, USER)
        keys = kdf.derive_auth(master_key) + kdf.derive_kek(master_key)
    return keys, frozenset(lines)


def keys_by_hand(password: str) -> bytes:
    """Derive the same keys as the README says."""
    raw = unicodedata.normalize("NFKC", password).encode()
    argon2id = Argon2id(salt=SALT, length=32, iterations=3, lanes=4, memory_cost=65536)
    info = b"keyarc/ka1/2skd\0" + lp(USER.bytes)
    master_key = hkdf.derive(argon2id.derive(raw), ACCOUNT_KEY, info, 32)
    return b"".join(
        hkdf.expand(master_key, label, 32) for label in (b"keyarc/ka1/auth", b"keyarc/ka1/kek")
    )


def test_every_length_goes_the_same_lines_to_the_keys_of_the_formula() -> None:
    """M04: 64 bytes, or any other number, are nothing special."""
    ways = set()

    for length in LENGTHS:
        password = ("correct horse " * 80)[:length]
        keys, lines = keys_of(password)
        ways.add(lines)
        assert keys == keys_by_hand(password), length

    assert len(ways) == 1


def test_every_length_up_to_1024_is_taken_or_refused_by_the_same_lines() -> None:
    """M04: all 1,025 lengths; too short and too long are refused before anything is derived."""
    ways: dict[bool, set[frozenset[int]]] = {True: set(), False: set()}

    for length in range(1026):
        lines: set[int] = set()
        password = "p" * length
        with watched(lines):
            taken = takes(password)
        ways[taken].add(frozenset(lines))
        assert taken == (12 <= length <= 1024), length

    assert len(ways[True]) == 1
    assert len(ways[False]) == 2  # too short, too long


def takes(password: str) -> bool:
    try:
        return kdf.normalise_password(password) == password.encode()
    except Mistyped:
        return False


@pytest.mark.parametrize("password", WRITTEN_TWO_WAYS)
def test_every_form_of_a_password_derives_the_same_keys_by_the_same_lines(password: str) -> None:
    """M04: however a keyboard composes its letters, one path leads to one set of keys."""
    forms = {unicodedata.normalize(form, password) for form in FORMS} | {password}
    assert len(forms) > 1

    found = {keys_of(form) for form in forms}

    assert len(found) == 1
    assert next(iter(found))[0] == keys_by_hand(password)
