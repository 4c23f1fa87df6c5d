"""Bytes as KA1 writes them: prefixes, readers, base64url, strict JSON and the shape of a blob."""

import base64
import hashlib
import json
import re
from enum import IntEnum
from typing import Any, Final, NoReturn
from uuid import UUID

SUITE: Final = 1
MAGIC: Final = b"KA"
MAX_U64: Final = 2**63 - 1  # what a Postgres bigint holds
MAX_JSON_NUMBER: Final = 2**53 - 1  # what JavaScript counts exactly
MAX_JSON_DEPTH: Final = 16

HEADER: Final = 4
SALT: Final = 32
COMMITMENT: Final = 32
TAG: Final = 16
OVERHEAD: Final = HEADER + SALT + COMMITMENT + TAG

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_CANONICAL_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Broken(Exception):
    """Something did not open, verify or parse. Which check failed is deliberately not told."""


class Mistyped(ValueError):
    """A person mistyped an account key, a recovery code or a password; nothing was broken."""


class ObjectType(IntEnum):
    """The type byte of a sealed object."""

    USER_KEY_BY_PASSWORD = 0x01
    USER_KEY_BY_RECOVERY_CODE = 0x02
    USER_KEY_BY_PASSKEY = 0x03
    IDENTITY = 0x10
    VAULT_PROFILE = 0x30
    SECRET_OVERVIEW = 0x31
    SECRET_DETAILS = 0x32
    KEYRING = 0x40
    INVITATION = 0x50
    ONE_TIME_LINK = 0x60


def sha256(*parts: bytes) -> bytes:
    """Return H of *parts* joined."""
    return hashlib.sha256(b"".join(parts)).digest()


def u32(number: int) -> bytes:
    """Return *number* as 4 bytes, big-endian."""
    return number.to_bytes(4, "big")


def u64(number: int) -> bytes:
    """Return *number* as 8 bytes, big-endian; it must be below 2^63."""
    if number > MAX_U64:
        raise Broken
    return number.to_bytes(8, "big")


def lp(data: bytes) -> bytes:
    """Return *data* after its length as u16."""
    if len(data) > 0xFFFF:
        raise Broken
    return len(data).to_bytes(2, "big") + data


def lp32(data: bytes) -> bytes:
    """Return *data* after its length as u32."""
    return u32(len(data)) + data


def b64(data: bytes) -> str:
    """Return *data* in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: Any, length: int | None = None) -> bytes:
    """Return the bytes of *text*, refusing every spelling but the one that `b64` writes."""
    if not isinstance(text, str):
        raise Broken
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Broken from None
    if b64(data) != text or (length is not None and len(data) != length):
        raise Broken
    return data


def parse_u64(text: Any) -> int:
    """Return the number of a decimal string: no sign, no leading zero, below 2^63."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text) or int(text) > MAX_U64:
        raise Broken
    return int(text)


def parse_id(text: Any) -> UUID:
    """Return the id of its canonical lower-case string."""
    if not isinstance(text, str) or not _CANONICAL_ID.fullmatch(text):
        raise Broken
    return UUID(text)


class Reader:
    """Takes fields off the front of *raw*; a field that is not there whole is `Broken`."""

    __slots__ = ("_at", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    def take(self, length: int) -> bytes:
        """Return the next *length* bytes."""
        start, self._at = self._at, self._at + length
        if self._at > len(self._raw):
            raise Broken
        return self._raw[start : self._at]

    def u8(self) -> int:
        """Return the next byte."""
        return self.take(1)[0]

    def u32(self) -> int:
        """Return the next 4 bytes as a number."""
        return int.from_bytes(self.take(4), "big")

    def u64(self) -> int:
        """Return the next 8 bytes as a number below 2^63."""
        number = int.from_bytes(self.take(8), "big")
        if number > MAX_U64:
            raise Broken
        return number

    def id(self) -> UUID:
        """Return the next 16 bytes as an id."""
        return UUID(bytes=self.take(16))

    def lp(self) -> bytes:
        """Return the bytes behind a u16 length."""
        return self.take(int.from_bytes(self.take(2), "big"))

    def lp32(self) -> bytes:
        """Return the bytes behind a u32 length."""
        return self.take(self.u32())

    def end(self) -> None:
        """Refuse anything that is left."""
        if self._at != len(self._raw):
            raise Broken


def padded_length(length: int) -> int:
    """Return the length to which *length* bytes (with their u32) grow.

    Multiples of 128 up to 4 KiB; above, Padmé (https://arxiv.org/abs/1806.03160, section 4).
    """
    if length <= 4096:
        return -(-length // 128) * 128
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-length // step) * step


def check_blob(blob: bytes, kind: ObjectType) -> None:
    """Refuse a blob that cannot be a sealed object of *kind*; says nothing about its content."""
    if blob[:HEADER] != bytes((*MAGIC, SUITE, kind)):
        raise Broken
    inside = len(blob) - OVERHEAD
    if inside < 128 or padded_length(inside) != inside:
        raise Broken
    # Types up to the identity hold keys of 32 or 64 bytes, and so have one length.
    if kind <= ObjectType.IDENTITY and inside != 128:
        raise Broken


def verifier(user_id: UUID, auth: bytes) -> bytes:
    """Return what the server keeps of *auth*."""
    return sha256(b"keyarc/ka1/verifier\0", user_id.bytes, auth)


def strict_json(text: str | bytes) -> Any:
    """Decode JSON that both languages read alike.

    Refused: keys given twice, numbers beyond 2^53 - 1, NaN and Infinity, more than 16 levels,
    lone surrogates, a byte order mark.
    """
    try:
        raw = text if isinstance(text, bytes) else text.encode("utf-8")
        value = _DECODER.decode(raw.decode("utf-8"))
        if b"\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Broken from None
    # Only so many brackets could nest too deep: most texts need no walk.
    if raw.count(b"{") + raw.count(b"[") > MAX_JSON_DEPTH:
        _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_JSON_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    if any(isinstance(node, dict | list) for node in level):
        raise Broken


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Broken
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > MAX_JSON_NUMBER:
        raise Broken
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if abs(number) > MAX_JSON_NUMBER:  # so is infinity
        raise Broken
    return number


def _constant(_name: str) -> NoReturn:
    raise Broken


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
)
