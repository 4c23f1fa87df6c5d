"""Lists of a vault's secrets and the values of some, read as strictly as answers.py does."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from .accesses import audit_head
from .answers import Head, blob, field, items, raw
from .encoding import ObjectType, parse_id, parse_u64
from .memories import AuditPin


@dataclass(frozen=True, slots=True)
class ListedSecret:
    """The current version of a secret, without its details."""

    secret_id: UUID
    version: int
    epoch: int
    overview: bytes
    details_hash: bytes

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one secret."""
        return cls(
            secret_id=parse_id(field(media, "secret_id")),
            version=parse_u64(field(media, "version")),
            epoch=parse_u64(field(media, "epoch")),
            overview=blob(media, "overview", ObjectType.SECRET_OVERVIEW),
            details_hash=raw(media, "details_hash", 32),
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """The live secrets of a vault, the versions that deletions took, and both heads.

    Of a list since some commit these are the secrets that changed after it.
    """

    head: Head
    audit: AuditPin
    secrets: list[ListedSecret]
    deleted: dict[UUID, int]

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read the answer of ``GET …/secrets``."""
        return cls(
            head=Head.of(field(media, "head")),
            audit=audit_head(field(media, "audit")),
            secrets=items(media, "secrets", ListedSecret.of),
            deleted=dict(items(media, "deleted", _deletion)),
        )


def _deletion(media: Any) -> tuple[UUID, int]:
    return parse_id(field(media, "secret_id")), parse_u64(field(media, "version"))


@dataclass(frozen=True, slots=True)
class SealedDetails:
    """The details of one version of a secret."""

    secret_id: UUID
    version: int
    epoch: int
    details: bytes

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read details, from one secret's answer or from many's."""
        return cls(
            secret_id=parse_id(field(media, "secret_id")),
            version=parse_u64(field(media, "version")),
            epoch=parse_u64(field(media, "epoch")),
            details=blob(media, "details", ObjectType.SECRET_DETAILS),
        )
