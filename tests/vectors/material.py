"""Where the vectors take their bytes from: nothing in them is random."""

import hashlib
from functools import cache
from uuid import UUID

from shared.keyarc.account_keys import Identity


def some(label: str, length: int) -> bytes:
    """Return the bytes that *label* stands for."""
    return hashlib.shake_256(b"keyarc vectors\0" + label.encode()).digest(length)


def some_id(label: str) -> UUID:
    """Return the id that *label* stands for, shaped like a random UUID."""
    return UUID(bytes=some(label, 16), version=4)


@cache
def person(name: str, key_epoch: int = 1) -> Identity:
    """Return the identity of someone in the vectors."""
    return Identity(
        some_id(name),
        some(f"{name} ed seed {key_epoch}", 32),
        some(f"{name} x-wing seed {key_epoch}", 32),
        key_epoch,
    )
