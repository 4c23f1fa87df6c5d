"""Whoever is added has a seat at once; that they took the vault in is known by their first list."""

from uuid import UUID

from shared.db import Connection
from shared.keyarc.commits import Remove
from tests import rosters
from tests.clients import Client
from tests.vaults import Person, Vault


def test_whoever_is_added_takes_the_vault_in_by_listing_it_each_time_anew(
    conn: Connection, account: Client, keys: Client, vault: Vault, another: Person
) -> None:
    def accepted() -> dict[UUID, bool]:
        return dict(conn.execute("SELECT user_id, accepted FROM vault_members").fetchall())

    own, reader = vault.owner.user_id, keys.as_(another)
    rosters.change(account, vault, rosters.add(another))
    reader.get(f"{vault.url}/commits")
    keys.as_(vault.owner).get(f"{vault.url}/secrets")
    waiting = accepted()
    reader.get(f"{vault.url}/secrets")
    listed = accepted()
    rosters.change(account, vault, Remove(another.user_id), rosters.rotate(vault))
    rosters.change(account, vault, rosters.add(another))
    again = accepted()
    reader.get(f"{vault.url}/secrets", params={"since": "1"})

    assert waiting == again == {own: True, another.user_id: False}
    assert listed == accepted() == {own: True, another.user_id: True}
