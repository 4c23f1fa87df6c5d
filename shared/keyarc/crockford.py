"""Crockford's base32 of bytes whose bits come in fives: no letter that looks like a digit."""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def encode(raw: bytes) -> str:
    """Return *raw* in upper case, without groups."""
    number = int.from_bytes(raw, "big")
    count = len(raw) * 8 // 5
    return "".join(ALPHABET[number >> 5 * at & 31] for at in reversed(range(count)))


def decode(digits: str) -> bytes:
    """Return the bytes of what `encode` wrote; ValueError for another character."""
    number = 0
    for digit in digits:
        number = number << 5 | ALPHABET.index(digit)
    return number.to_bytes(len(digits) * 5 // 8, "big")
