"""Whose deed it was, in words: as this account knows people, else as the server says."""

from typing import Any
from uuid import UUID

from ..answers import field, items
from ..client import Client
from ..encoding import parse_id
from ..machines import machines

SAID = "as the server says"


class Names:
    """The people and machines of one vault. The server is asked when somebody is unknown here."""

    def __init__(self, client: Client, vault_id: UUID) -> None:
        self._client = client
        self._vault_id = vault_id
        self._said: dict[UUID, str] | None = None

    def __call__(self, user_id: UUID | None) -> str:
        """Give an address, or what else somebody can be called; nobody is ``-``."""
        if user_id is None:
            return "-"
        known = self.verified(user_id)
        if known:
            return known
        said = self._ask().get(user_id)
        return f"{said} ({SAID})" if said else str(user_id)

    def verified(self, user_id: UUID) -> str | None:
        """Give the address that this account knows somebody by, without the server."""
        opened = self._client.opened
        if user_id == opened.keys.user_id:
            return opened.keyring.account.email
        known = opened.keyring.keyring.people.get(user_id)
        return known.email or None if known else None

    def media(self, user_id: UUID | None) -> dict[str, str | None] | None:
        """Give the JSON of a person; ``said`` is the server's word, given where nothing else is."""
        if user_id is None:
            return None
        known = self.verified(user_id)
        said = None if known else self._ask().get(user_id)
        return {"user_id": str(user_id), "email": known, "said": said}

    def _ask(self) -> dict[UUID, str]:
        if self._said is None:
            path = f"/api/account/vaults/{self._vault_id}/members"
            found = dict(items(self._client.opened.connection.get(path), "items", _member))
            if None in found.values():  # only its owner knows more of a machine than its number
                named = {one.machine_id: one.name for one in machines(self._client)}
                for one in [one for one, email in found.items() if email is None]:
                    found[one] = f"machine {named.get(one, one)}"
            self._said = {one: name for one, name in found.items() if name}
        return self._said


def _member(media: Any) -> tuple[UUID, str | None]:
    """Return a member and their address, empty where it is not told; a machine has none."""
    user_id, email = parse_id(field(media, "user_id")), field(media, "email")
    if field(media, "machine") is True:
        return user_id, None
    return user_id, email if isinstance(email, str) else ""
