"""A server's answers, read strictly: what is missing, null, short or of another kind is `Broken`.

Nothing here is trusted yet: signatures, hashes and seals are checked by whoever asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from uuid import UUID

from .encoding import SUITE, Broken, ObjectType, check_blob, parse_id, parse_u64, unb64

Item = TypeVar("Item")
SALT_BYTES = 16


def field(media: Any, name: str) -> Any:
    """Give a key that must be there."""
    if not isinstance(media, dict) or name not in media:
        raise Broken
    return media[name]


def text(media: Any, name: str) -> str:
    """Give a text that must be there and hold something."""
    value = field(media, name)
    if not isinstance(value, str) or not value:
        raise Broken
    return value


def number(media: Any, name: str) -> int:
    """Give a whole number from 0 that must be there."""
    value = field(media, name)
    if type(value) is not int or value < 0:
        raise Broken
    return value


def raw(media: Any, name: str, length: int | None = None) -> bytes:
    """Give bytes that must be there."""
    return unb64(field(media, name), length)


def blob(media: Any, name: str, kind: ObjectType) -> bytes:
    """Give a sealed object that must be there; its shape is checked, its seal is not."""
    found = raw(media, name)
    check_blob(found, kind)
    return found


def items(media: Any, name: str, read: Callable[[Any], Item]) -> list[Item]:
    """Give a list that must be there."""
    found = field(media, name)
    if not isinstance(found, list):
        raise Broken
    return [read(one) for one in found]


@dataclass(frozen=True, slots=True)
class Prelogin:
    """What a login begins with; an answer with anything more or less is refused."""

    user_id: UUID
    salt: bytes

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the answer of ``POST /auth/prelogin``."""
        exactly = isinstance(media, dict) and media.keys() == {"user_id", "suite", "salt"}
        if not exactly or number(media, "suite") != SUITE:
            raise Broken
        return cls(parse_id(media["user_id"]), raw(media, "salt", SALT_BYTES))


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a session is proved with."""

    access_token: str
    refresh_token: str
    expires_in: int

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read tokens out of the answer of a login or a refresh."""
        return cls(
            text(media, "access_token"), text(media, "refresh_token"), number(media, "expires_in")
        )


@dataclass(frozen=True, slots=True)
class SealedKeyring:
    """The keyring as the server keeps it."""

    revision: int
    blob: bytes

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the answer of ``GET /api/account/keyring``."""
        return cls(parse_u64(field(media, "revision")), blob(media, "blob", ObjectType.KEYRING))


@dataclass(frozen=True, slots=True)
class Login:
    """The sealed keys of an account, and a session."""

    user_id: UUID
    salt: bytes
    keyset: int
    user_key: bytes
    identity: bytes
    idcert: bytes
    keyring: SealedKeyring
    tokens: Tokens

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the answer of ``POST /auth/sessions``."""
        if number(media, "suite") != SUITE:
            raise Broken
        return cls(
            user_id=parse_id(field(media, "user_id")),
            salt=raw(media, "salt", SALT_BYTES),
            keyset=parse_u64(field(media, "keyset")),
            user_key=blob(media, "user_key", ObjectType.USER_KEY_BY_PASSWORD),
            identity=blob(media, "identity", ObjectType.IDENTITY),
            idcert=raw(media, "idcert"),
            keyring=SealedKeyring.of(field(media, "keyring")),
            tokens=Tokens.of(media),
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The newest commit of a vault, as the server says."""

    seq: int
    hash: bytes
    state: bytes

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read a head."""
        return cls(parse_u64(field(media, "seq")), raw(media, "hash", 32), raw(media, "state", 32))


@dataclass(frozen=True, slots=True)
class SealedProfile:
    """The profile of a vault, with the epoch and the commit that it is sealed for."""

    epoch: int
    seq: int
    blob: bytes

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read a profile."""
        return cls(
            epoch=parse_u64(field(media, "epoch")),
            seq=parse_u64(field(media, "seq")),
            blob=blob(media, "blob", ObjectType.VAULT_PROFILE),
        )


@dataclass(frozen=True, slots=True)
class ListedVault:
    """One vault of ``GET /api/account/vaults``; *idcerts* are those of everyone it ever had."""

    vault_id: UUID
    head: Head
    profile: SealedProfile
    secrets: int
    idcerts: tuple[bytes, ...]

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one vault."""
        return cls(
            vault_id=parse_id(field(media, "vault_id")),
            head=Head.of(field(media, "head")),
            profile=SealedProfile.of(field(media, "profile")),
            secrets=number(media, "secrets"),
            idcerts=tuple(items(media, "members", lambda one: raw(one, "idcert"))),
        )
