"""Vectors of a one-time link: what its secret comes to, its seal, and what nobody opens."""

import json
from collections.abc import Callable
from typing import Any

from shared.keyarc import hkdf, seal
from shared.keyarc.encoding import ObjectType, b64
from shared.keyarc.items import Field
from shared.keyarc.one_time_links import LinkKeys, Message
from tests.vectors.material import some, some_id

SECRET = some("link secret", 32)
KEYS = LinkKeys.derive(SECRET)
MESSAGE = Message(
    "db/PASSWORD",
    (Field("value", "grün & 🔑\nof two lines"), Field("user", "nightly", concealed=False)),
    "rotate after use",
)


def make() -> dict[str, Any]:
    """Return the content of ``one_time_link.json``."""
    salt = some("link salt", 32)
    return {
        "secret": SECRET.hex(),
        "fragment": b64(SECRET),
        "mk": hkdf.derive(SECRET, bytes(32), b"keyarc/ka1/one-time-link\0", 32).hex(),
        "link_id": str(KEYS.link_id),
        "seal_key": KEYS.seal_key.hex(),
        "salt": salt.hex(),
        "plaintext": MESSAGE.encode().decode(),
        "blob": _sealed(salt, MESSAGE.encode()).hex(),
        "refused": _refused(),
    }


def _sealed(salt: bytes, plaintext: bytes, key: bytes = KEYS.seal_key) -> bytes:
    fields = (KEYS.link_id.bytes,)
    return seal.seal_with_salt(salt, key, ObjectType.ONE_TIME_LINK, fields, plaintext)


def _refused() -> list[dict[str, str]]:
    """Return what no client opens: all but the last two are sealed rightly."""
    found = []
    for why, change in _wrong().items():
        media = json.loads(MESSAGE.encode())
        change(media)
        text = json.dumps(media, ensure_ascii=False, separators=(",", ":"))
        found.append({"why": why, "blob": _sealed(_salt(why), text.encode()).hex()})
    other = some("another key", 32)
    strange = "the key of another link"
    found.append({"why": strange, "blob": _sealed(_salt(strange), MESSAGE.encode(), other).hex()})
    moved, kind = "the seal of another link", ObjectType.ONE_TIME_LINK
    fields = (some_id("another link").bytes,)
    blob = seal.seal_with_salt(_salt(moved), KEYS.seal_key, kind, fields, MESSAGE.encode())
    return [*found, {"why": moved, "blob": blob.hex()}]


def _salt(why: str) -> bytes:
    return some(f"link salt {why}", 32)


def _wrong() -> dict[str, Callable[[dict[str, Any]], object]]:
    return {
        "no format": lambda media: media.pop("ka"),
        "another format": lambda media: media.update(ka=2),
        "a format that is true": lambda media: media.update(ka=True),
        "no name": lambda media: media.pop("name"),
        "a name that is null": lambda media: media.update(name=None),
        "no notes": lambda media: media.pop("notes"),
        "no field": lambda media: media.update(fields=[]),
        "fields that are null": lambda media: media.update(fields=None),
        "a field that is a text": lambda media: media.update(fields=["value"]),
        "a field without a value": lambda media: media["fields"][0].pop("value"),
        "a value that is a number": lambda media: media["fields"][0].update(value=7),
        "a flag that is a number": lambda media: media["fields"][0].update(concealed=1),
        "a field with a key that nobody knows": lambda media: media["fields"][0].update(extra=1),
        "a key that nobody knows": lambda media: media.update(extra=1),
    }
