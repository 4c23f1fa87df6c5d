"""One-time links: whoever has one reads what was sealed, without an account, so many times.

All comes from one secret, which stands in the link's fragment: no server sees it.
"""

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit
from uuid import UUID

from . import hkdf, seal
from .answers import blob as read_blob
from .answers import field as read_field
from .answers import items, number
from .encoding import Broken, Mistyped, ObjectType, b64, parse_id, strict_json, unb64
from .errors import Conflict, Failure, NotFound
from .http import Transport, refuse
from .items import Field
from .moments import moment, moment_or_none
from .pins import integer, members, read_text

if TYPE_CHECKING:
    from .client import Client

PATH: Final = "/api/keys/links"
BLOB_BYTES: Final = 64 * 1024
MOST_READS: Final = 100
_FORMAT: Final = 1
_SECRET: Final = 32
WRONG: Final = "this is no one-time link: such a link ends with /once# and 43 characters"
GONE: Final = "this link was read as often as it might be, is over, or was taken back"


@dataclass(frozen=True)
class LinkKeys:
    """What the secret of a link comes to."""

    link_id: UUID
    seal_key: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: bytes) -> Self:
        """Compute them."""
        if len(secret) != _SECRET:
            raise Broken
        mk = hkdf.derive(secret, bytes(32), b"keyarc/ka1/one-time-link\0", 32)
        return cls(
            UUID(bytes=hkdf.expand(mk, b"keyarc/ka1/link-id", 16)),
            hkdf.expand(mk, b"keyarc/ka1/link-seal", 32),
        )


@dataclass(frozen=True)
class Message:
    """What a link hands over: one named value or more."""

    name: str
    fields: tuple[Field, ...]
    notes: str = field(default="", repr=False)

    def seal(self, keys: LinkKeys) -> bytes:
        """Return the type 60 object."""
        return seal.seal(keys.seal_key, ObjectType.ONE_TIME_LINK, _fields(keys), self.encode())

    @classmethod
    def open(cls, keys: LinkKeys, blob: bytes) -> Self:
        """Return what the maker of the link sealed."""
        kind = ObjectType.ONE_TIME_LINK
        return cls.decode(seal.open(keys.seal_key, kind, _fields(keys), blob))

    def media(self) -> dict[str, Any]:
        """Give the JSON of what is handed over."""
        fields = [one.media() for one in self.fields]
        return {"name": self.name, "fields": fields, "notes": self.notes}

    def encode(self) -> bytes:
        """Return the plaintext of a type 60 object."""
        media = {"ka": _FORMAT, **self.media()}
        return json.dumps(media, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, plaintext: bytes) -> Self:
        """Read the plaintext of a type 60 object."""
        media = members(strict_json(plaintext), "ka", "name", "fields", "notes")
        fields = media["fields"]
        if integer(media["ka"]) != _FORMAT or not isinstance(fields, list) or not fields:
            raise Broken
        named = tuple(Field.of(dict(members(one, "name", "value", "concealed"))) for one in fields)
        return cls(read_text(media["name"]), named, read_text(media["notes"]))


@dataclass(frozen=True, slots=True)
class Link:
    """A link as its maker sees it; times as the server writes them (RFC 3339)."""

    link_id: UUID
    reads_left: int
    created_at: str
    expires_at: str
    last_read_at: str | None

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one."""
        return cls(
            parse_id(read_field(media, "link_id")),
            number(media, "reads_left"),
            moment(media, "created_at"),
            moment(media, "expires_at"),
            moment_or_none(media, "last_read_at"),
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link held, and how often it may be read after this."""

    message: Message
    reads_left: int


def make(client: "Client", message: Message, reads: int, expires_at: datetime) -> str:
    """Seal *message* and leave it with the server; return the link, which is nowhere else."""
    secret = os.urandom(_SECRET)
    keys = LinkKeys.derive(secret)
    blob = message.seal(keys)
    if len(blob) > BLOB_BYTES:
        raise Failure("this is more than a link can hold (64 KiB)")
    body = {"link_id": str(keys.link_id), "blob": b64(blob), "reads": reads}
    body["expires_at"] = expires_at.isoformat()
    answer = client.opened.connection.ask("POST", PATH, body)
    if answer.status == 409 and answer.problem == "too-many-links":
        raise Conflict("there are as many links as anybody may have: remove some (keyarc link ls)")
    # 409: the first sending arrived and its answer was lost; nobody else has this id.
    if answer.status == 201:
        if Link.of(answer.media).link_id != keys.link_id:
            raise Broken
    elif answer.problem != "link-exists":
        raise refuse(answer)
    return f"{client.opened.connection.transport.server}/once#{b64(secret)}"


def links(client: "Client") -> list[Link]:
    """Return one's own links whose time is not over; one without reads left was burnt."""
    return items(client.opened.connection.get(PATH), "items", Link.of)


def remove(client: "Client", link_id: UUID) -> None:
    """Take a link back."""
    answer = client.opened.connection.ask("DELETE", f"{PATH}/{link_id}")
    if answer.status != 204:
        raise refuse(answer)


def parse(link: str) -> tuple[str, LinkKeys]:
    """Return the server and the keys of a link; `Mistyped` where it is none."""
    try:
        parts = urlsplit(link.strip())
        keys = LinkKeys.derive(unb64(parts.fragment, _SECRET))
    except (Broken, ValueError):
        raise Mistyped(WRONG) from None
    if parts.path != "/once" or parts.query or not parts.netloc:
        raise Mistyped(WRONG)
    return f"{parts.scheme}://{parts.netloc}", keys


def read(link: str, *, plain_http: bool = False) -> Opened:
    """Take a read of a link and open what it holds; the last read burns it."""
    server, keys = parse(link)
    transport = Transport(server, plain_http=plain_http)
    try:
        answer = transport.ask("POST", f"/auth/links/{keys.link_id}")
    except NotFound:
        raise NotFound(GONE) from None
    finally:
        transport.close()
    if answer.status != 200:
        raise refuse(answer)
    sealed = read_blob(answer.media, "blob", ObjectType.ONE_TIME_LINK)
    return Opened(Message.open(keys, sealed), number(answer.media, "reads_left"))


def _fields(keys: LinkKeys) -> tuple[bytes]:
    return (keys.link_id.bytes,)
