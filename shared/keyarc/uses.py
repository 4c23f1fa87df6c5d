"""When the values of each secret were last read, and by whom, as the server noted it."""

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from .answers import field, items
from .client import Client
from .encoding import parse_id
from .moments import moment


@dataclass(frozen=True, slots=True)
class Use:
    """The last time that somebody was given the values of a secret (RFC 3339)."""

    secret_id: UUID
    used_at: str
    user_id: UUID

    @classmethod
    def of(cls, media: Any) -> Self:
        """Read one of ``GET …/uses``."""
        user_id = parse_id(field(media, "user_id"))
        return cls(parse_id(field(media, "secret_id")), moment(media, "used_at"), user_id)


def uses(client: Client, vault_id: UUID) -> dict[UUID, Use]:
    """Give the last use of each secret that was ever used."""
    with client.guard(vault_id):
        media = client.opened.connection.get(f"/api/keys/vaults/{vault_id}/uses")
        return {one.secret_id: one for one in items(media, "items", Use.of)}
