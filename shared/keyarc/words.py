"""The seven words by which two people compare a public key."""

from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from .encoding import sha256, u64

COUNT: Final = 7


@cache
def word_list() -> tuple[str, ...]:
    """Return EFF's long list, 7,776 words."""
    text = Path(__file__).with_name("words.txt").read_text(encoding="ascii")
    return tuple(text.split())


def words(user_id: UUID, ed_pk: bytes, x_pk: bytes, key_epoch: int) -> list[str]:
    """Return the words of someone's keys: 90 bits of their hash."""
    known = word_list()
    number = int.from_bytes(
        sha256(b"keyarc/ka1/fp\0", user_id.bytes, ed_pk, x_pk, u64(key_epoch)), "big"
    )
    found = []
    for _ in range(COUNT):
        number, at = divmod(number, len(known))
        found.append(known[at])
    return found
