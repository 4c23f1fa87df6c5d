"""Somebody who does everything that an account allows, and the services that they ask."""

from collections.abc import Callable
from dataclasses import dataclass

from falcon.testing import Result

from shared.db import Connection
from tests import key_changes, second_factors, vaults
from tests.clients import Client
from tests.second_factors import Guarded
from tests.vaults import Vault

Ask = Callable[[], Result]


@dataclass(frozen=True)
class World:
    """Somebody with an open session and a vault of one secret, and the services they ask."""

    conn: Connection
    keys: Client
    person: Guarded
    vault: Vault

    @property
    def auth(self) -> Client:
        """The auth service, for nobody."""
        return self.person.auth

    def proven(self) -> Guarded:
        """The person, with a fresh proof."""
        assert self.person.prove().status_code == 204
        return self.person


def made(conn: Connection, auth: Client, account: Client, keys: Client) -> World:
    """Return a new world."""
    person = second_factors.unguarded(auth, account)
    vault = vaults.begin(conn, key_changes.owner(person))
    vault.fill(keys, 1)
    return World(conn, keys, person, vault)
