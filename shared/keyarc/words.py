"""The seven words by which two people, or two devices of one, compare what they have."""

from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from .encoding import sha256, u64
from .identity import IdCert

COUNT: Final = 7


@cache
def word_list() -> tuple[str, ...]:
    """Return EFF's long list, 7,776 words."""
    text = Path(__file__).with_name("words.txt").read_text(encoding="ascii")
    return tuple(text.split())


def words(user_id: UUID, ed_pk: bytes, x_pk: bytes, key_epoch: int) -> list[str]:
    """Return the words of someone's keys."""
    return words_of(b"keyarc/ka1/fp\0", user_id.bytes, ed_pk, x_pk, u64(key_epoch))


def words_of_idcert(idcert: IdCert) -> list[str]:
    """Return the words of a certificate's keys."""
    return words(idcert.user_id, idcert.ed_pk, idcert.x_pk, idcert.key_epoch)


def words_of(*parts: bytes) -> list[str]:
    """Return the words of *parts*, the first of which says what they are: 90 bits of their hash."""
    known = word_list()
    number = int.from_bytes(sha256(*parts), "big")
    found = []
    for _ in range(COUNT):
        number, at = divmod(number, len(known))
        found.append(known[at])
    return found
