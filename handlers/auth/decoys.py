"""What an address without account is told: as stable, and of the same shape, as an account."""

import hmac
from uuid import UUID

SALT_BYTES = 16


def derive_user_id(key: bytes, email: str) -> UUID:
    """Return an id that looks as random as those that clients make."""
    return UUID(bytes=_derive(key, b"user_id", email)[:16], version=4)


def derive_salt(key: bytes, email: str) -> bytes:
    return _derive(key, b"salt", email)[:SALT_BYTES]


def _derive(key: bytes, what: bytes, email: str) -> bytes:
    return hmac.digest(key, what + b"\0" + email.encode(), "sha256")
