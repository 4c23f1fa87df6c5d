"""Vaults that one was taken out of: told apart from a server that keeps a vault back.

Whoever was removed may read the signed history up to the commit that did it, and nothing else.
"""

from dataclasses import dataclass, field
from uuid import UUID

from .client import Client
from .commits import Commit, State
from .encoding import Broken
from .errors import NotFound
from .following import History
from .identity import IdCert


@dataclass(frozen=True)
class Removal:
    """The end of a membership: which commit, and who signed it."""

    vault_id: UUID
    commit: Commit = field(repr=False)

    @property
    def by(self) -> UUID:
        """Who did it; oneself, where one left."""
        return self.commit.author_id

    @property
    def time_ms(self) -> int:
        """When, by its author's clock."""
        return self.commit.time_ms


def settle_withheld(client: Client) -> tuple[list[Removal], list[UUID]]:
    """Give the vaults that one is out of, which are marked so, and those that are kept back."""
    removals, kept_back = [], []
    for vault_id in client.withheld:
        removal = _removal(client, vault_id)
        if removal is None:
            kept_back.append(vault_id)
        else:
            removals.append(removal)
    return removals, kept_back


def _removal(client: Client, vault_id: UUID) -> Removal | None:
    """Follow the history from the genesis to one's removal; None where there is none."""
    opened = client.opened
    path = f"/api/account/vaults/{vault_id}/removal"
    with client.guard(vault_id):
        seen: dict[bytes, IdCert] = {}
        own = opened.keys.user_id
        history = History(opened.connection, State(vault_id), seen.get, own, path)
        try:
            last = history.exhaust()
        except NotFound:
            return None
        if last is None or own in history.state.roster:
            raise Broken
        history.check_through(opened.keyring.keyring.vaults[vault_id].pin)
        opened.keyring.keyring.vaults[vault_id].left = True
        opened.keyring.raise_pin(history.state, history.passed)
    return Removal(vault_id, last)
