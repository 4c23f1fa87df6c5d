"""What a secret says: its overview (what a list shows) and its details (the values).

Both are JSON inside their seals. Keys that this version does not know are kept when a secret is
written again, so that an older client never loses what a newer one added.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from .encoding import Broken, strict_json

KINDS = ("api_key", "certificate", "note", "other", "password")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _json(media: Mapping[str, Any]) -> bytes:
    return json.dumps(media, ensure_ascii=False, separators=(",", ":")).encode()


def _take(media: dict[str, Any], name: str, *kinds: type) -> Any:
    """Remove and give a key that must be there, of one of *kinds* and never a bool for an int."""
    value = media.pop(name, ...)
    if type(value) not in kinds:
        raise Broken
    return value


def _texts(values: list[Any]) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise Broken
    return tuple(values)


UNOPENED = "does not open"


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that is shown without opening a value. ``path`` is ``""`` or ``a/b``.

    ``expires_at`` is a day in UTC, ``rotated_at`` the milliseconds when the first value last
    changed: "0" stands for the moment of the next writing.
    """

    name: str
    kind: str = "api_key"
    provider: str | None = None
    path: str = ""
    tags: tuple[str, ...] = ()
    environment: str | None = None
    expires_at: str | None = None
    reminder: int | None = None
    rotate_days: int | None = None
    rotated_at: str = "0"
    check: Mapping[str, Any] | None = None
    fingerprints: tuple[str, ...] = ()
    updated_at: str = "0"
    unknown: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def unopened(cls, secret_id: UUID) -> Self:
        """Give what stands for one that a member signed and sealed so that it does not open."""
        return cls(name=str(secret_id), kind="other", tags=(UNOPENED,))

    @property
    def address(self) -> str:
        """Path and name, as they stand after the vault in ``VAULT/PATH/NAME``."""
        return f"{self.path}/{self.name}" if self.path else self.name

    def media(self) -> dict[str, Any]:
        """Give the JSON of this overview, without the keys that this version does not know."""
        return {
            "name": self.name,
            "kind": self.kind,
            "provider": self.provider,
            "path": self.path,
            "tags": list(self.tags),
            "environment": self.environment,
            "expires_at": self.expires_at,
            "reminder": self.reminder,
            "rotate_days": self.rotate_days,
            "rotated_at": self.rotated_at,
            "check": self.check,
            "fingerprints": list(self.fingerprints),
            "updated_at": self.updated_at,
        }

    def encode(self) -> bytes:
        """Give the plaintext of a type 31 object."""
        return _json({**self.unknown, **self.media()})

    @classmethod
    def decode(cls, plaintext: bytes) -> Self:
        """Read the plaintext of a type 31 object."""
        media = strict_json(plaintext)
        if not isinstance(media, dict):
            raise Broken
        return cls(
            name=_take(media, "name", str),
            kind=_take(media, "kind", str),
            provider=_take(media, "provider", str, type(None)),
            path=_take(media, "path", str),
            tags=_texts(_take(media, "tags", list)),
            environment=_take(media, "environment", str, type(None)),
            expires_at=_take(media, "expires_at", str, type(None)),
            reminder=_take(media, "reminder", int, type(None)),
            rotate_days=_take(media, "rotate_days", int, type(None)),
            rotated_at=_take(media, "rotated_at", str),
            check=_take(media, "check", dict, type(None)),
            fingerprints=_texts(_take(media, "fingerprints", list)),
            updated_at=_take(media, "updated_at", str),
            unknown=media,
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One named value of a secret."""

    name: str
    value: str = field(repr=False)
    concealed: bool = True
    unknown: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def media(self) -> dict[str, Any]:
        """Give the JSON of this field."""
        return {"name": self.name, "value": self.value, "concealed": self.concealed}

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the JSON of a field."""
        if not isinstance(media, dict):
            raise Broken
        return cls(
            name=_take(media, "name", str),
            value=_take(media, "value", str),
            concealed=_take(media, "concealed", bool),
            unknown=media,
        )


@dataclass(frozen=True, slots=True)
class Details:
    """The values of a secret; the first field is *the* value."""

    fields: tuple[Field, ...]
    notes: str = field(default="", repr=False)
    check: Mapping[str, Any] | None = None
    certificate: str | None = None
    unknown: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def value(self) -> str:
        """The value of the first field."""
        return self.fields[0].value

    def media(self) -> dict[str, Any]:
        """Give the JSON of these details, without the keys that this version does not know."""
        return {
            "fields": [one.media() for one in self.fields],
            "notes": self.notes,
            "check": self.check,
            "certificate": self.certificate,
        }

    def encode(self) -> bytes:
        """Give the plaintext of a type 32 object."""
        fields = [{**one.unknown, **one.media()} for one in self.fields]
        return _json({**self.unknown, **self.media(), "fields": fields})

    @classmethod
    def decode(cls, plaintext: bytes) -> Self:
        """Read the plaintext of a type 32 object."""
        media = strict_json(plaintext)
        if not isinstance(media, dict):
            raise Broken
        fields = tuple(Field.of(one) for one in _take(media, "fields", list))
        if not fields:
            raise Broken
        return cls(
            fields=fields,
            notes=_take(media, "notes", str),
            check=_take(media, "check", dict, type(None)),
            certificate=_take(media, "certificate", str, type(None)),
            unknown=media,
        )
