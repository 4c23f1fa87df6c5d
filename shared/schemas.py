"""The shapes of bodies: strict fields, and `read`."""

import datetime as dt
import re
from typing import Any

from falcon import Request

from shared import bodies, networks, problems, quick_marshmallow
from shared.keyarc import encoding
from shared.keyarc.encoding import Broken, ObjectType
from shared.quick_marshmallow import RAISE, ValidationError, fields

MAX_BLOB_BYTES = 65_536
# Each person whom its owner knows takes some 1,700.
MAX_KEYRING_BYTES = 524_288
EMAIL_CHARACTERS = 254  # RFC 5321, section 4.5.3.1.3, without its angle brackets

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

__all__ = [
    "U64",
    "Blob",
    "Bytes",
    "Ciphertext",
    "Day",
    "Email",
    "Id",
    "List",
    "Nested",
    "Network",
    "Only",
    "Schema",
    "Text",
    "ValidationError",
    "Whole",
    "day",
    "fields",
    "read",
]

Nested = fields.Nested


class Schema(quick_marshmallow.Schema):
    """A body: a key that it does not name is an error."""

    class Meta:
        """marshmallow's own place for settings."""

        unknown = RAISE

    def load(self, data: Any, **kwargs: Any) -> Any:
        """Return what *data* holds; of more keys than it has, one is named."""
        if isinstance(data, dict) and len(data) > len(self.fields):
            unknown = next(key for key in data if key not in self.fields)
            raise ValidationError({unknown: ["Unknown field."]})
        return super().load(data, **kwargs)


class Bytes(fields.String):
    """Bytes as base64url without padding, of one length or at most *longest*."""

    def __init__(self, length: int | None = None, *, longest: int = 65_536, **kwargs: Any) -> None:
        super().__init__(metadata={"format": "base64url"}, **kwargs)
        self._length = length
        self._longest = longest

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else encoding.b64(value)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        try:
            data = encoding.unb64(value, self._length)
        except Broken as ex:
            raise ValidationError("Not base64url of the right length.") from ex
        if len(data) > self._longest:
            raise ValidationError("Too long.")
        return data


class Blob(Bytes):
    """A sealed object of one type; only its shape is known here."""

    def __init__(self, kind: ObjectType, **kwargs: Any) -> None:
        longest = MAX_KEYRING_BYTES if kind is ObjectType.KEYRING else MAX_BLOB_BYTES
        super().__init__(longest=longest, **kwargs)
        self._kind = kind

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        blob = super()._deserialize(value, *args, **kwargs)
        try:
            encoding.check_blob(blob, self._kind)
        except Broken as ex:
            raise ValidationError("Not a sealed object of this type.") from ex
        return blob


class Day(fields.String):
    """A day as ``2027-06-30``; days are those of UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"format": "date"}, **kwargs)

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        return day(value)


class Ciphertext(Bytes):
    """The ciphertext of a share: X-Wing's 1,120 bytes, 40 for each key, and the tag of 16."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        ciphertext = super()._deserialize(value, *args, **kwargs)
        keys, rest = divmod(len(ciphertext) - 1136, 40)
        if keys < 1 or rest:
            raise ValidationError("Not the ciphertext of a share.")
        return ciphertext


class Email(fields.String):
    """An address as it is compared: stripped and in lower case."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        email: str = super()._deserialize(value, attr, data, **kwargs).strip().lower()
        if len(email) > EMAIL_CHARACTERS or not _EMAIL.fullmatch(email):
            raise ValidationError("Not an e-mail address.")
        return email


class Id(fields.UUID):
    """An id of 16 bytes, in its one canonical spelling."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        try:
            return encoding.parse_id(value)
        except Broken as ex:
            raise ValidationError("Not an id.") from ex


class List(fields.List[Any]):
    """At most *longest* items."""

    def __init__(self, item: fields.Field[Any], *, longest: int, **kwargs: Any) -> None:
        super().__init__(item, metadata={"maxItems": longest}, **kwargs)
        self._longest = longest

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        # Counted before the items are looked at.
        if isinstance(value, list) and len(value) > self._longest:
            raise ValidationError("Too many.")
        return super()._deserialize(value, *args, **kwargs)


class Network(fields.String):
    """Where a row with an *address* comes from, as people are told."""

    def __init__(self) -> None:
        super().__init__(attribute="address")

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        return networks.of(value)


class Only(fields.Integer):
    """A number that has one value today, such as the suite."""

    def __init__(self, value: int, **kwargs: Any) -> None:
        super().__init__(metadata={"enum": [value]}, **kwargs)
        self._value = value

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        if type(value) is not int or value != self._value:
            raise ValidationError("Not a known value.")
        return value


class Text(fields.String):
    """One line of text that people read: no control characters, stripped, and not empty."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        super().__init__(metadata={"maxLength": longest}, **kwargs)
        self._longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs).strip()
        if not text or len(text) > self._longest or _CONTROL.search(text):
            raise ValidationError("Not a line of text, or too long.")
        return text


class U64(fields.String):
    """A number below 2^63 as a decimal string."""

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        try:
            return encoding.parse_u64(value)
        except Broken as ex:
            raise ValidationError("Not a decimal number.") from ex


class Whole(fields.Integer):
    """A whole number of a range, as JSON writes one."""

    def __init__(self, first: int, last: int, **kwargs: Any) -> None:
        super().__init__(metadata={"minimum": first, "maximum": last}, **kwargs)
        self._range = range(first, last + 1)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        if type(value) is not int or value not in self._range:
            raise ValidationError("Not a whole number of the range.")
        return value


def day(text: Any) -> dt.date:
    """Return the day of its one spelling, or raise ValidationError."""
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass  # such as the 30th of February
    raise ValidationError("Not a day such as 2027-06-30.")


def read(schema: quick_marshmallow.Schema, req: Request) -> dict[str, Any]:
    """Return the body by *schema*; raise the problem that names what is wrong with it."""
    if not _is_json(req.content_type):
        raise problems.UnsupportedMediaType
    try:
        value = encoding.strict_json(bodies.read(req))
    except Broken as ex:
        raise problems.Malformed from ex
    try:
        found: dict[str, Any] = schema.load(value)
    except ValidationError as ex:
        raise problems.Invalid(ex.messages_dict) from ex
    return found


def _is_json(content_type: str | None) -> bool:
    kind, _, parameters = (content_type or "").lower().partition(";")
    charset = parameters.strip().replace('"', "")
    return kind.strip() == "application/json" and charset in {"", "charset=utf-8"}
