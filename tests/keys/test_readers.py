"""Readers of one vault at the same moment, beside those who write to it and share it."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from handlers.account import routes as account_routes
from tests import rosters
from tests.chains import followed
from tests.clients import Client
from tests.conftest import verifier
from tests.databases import AsRole
from tests.keys.conftest import follow
from tests.rosters import Link
from tests.vaults import Vault, body

ROUNDS = 5


@pytest.fixture
def sharer(database: str) -> Iterator[Client]:
    """A client of the account service as it runs: every request commits."""
    pool = AsRole(database, "keyarc_account")
    client = Client(account_routes.create_app(pool, verifier("account")))
    client.audience = "account"
    yield client
    pool.close()


def test_each_access_has_a_place_of_its_own_in_the_chain(
    writers: list[Client], sharer: Client, kept: Vault
) -> None:
    """However many read, write and share at once: no gap, no double, and nobody waits forever."""
    keys = writers[0]
    secret_ids = [content.secret_id for content in kept.fill(keys, 6)]

    def one_by_one(client: Client) -> None:
        for secret_id in mixed(secret_ids)[:ROUNDS]:
            read = client.as_(kept.owner).get(f"{kept.url}/secrets/{secret_id}")
            assert read.status_code == 200

    def at_once(client: Client) -> None:
        for _ in range(ROUNDS):
            wanted = {"secret_ids": [str(one) for one in mixed(secret_ids)], "purpose": "run"}
            read = client.as_(kept.owner).post(f"{kept.url}/secrets/read", json=wanted)
            assert read.status_code == 200

    def write(client: Client) -> None:
        for _ in range(ROUNDS):
            rebased(client, kept, lambda mine: written(client, mine))

    def share(client: Client) -> None:
        for _ in range(ROUNDS):
            rebased(client, kept, lambda mine: rosters.post(sharer, mine, Link().op).status_code)

    deeds = [one_by_one, one_by_one, one_by_one, at_once, at_once, write, write, share]
    with ThreadPoolExecutor(len(deeds)) as threads:
        for done in [threads.submit(deed, on) for deed, on in zip(deeds, writers, strict=True)]:
            done.result(timeout=60)

    assert Counter(row.action for row in followed(keys, kept)) == {
        "secret.read": 3 * ROUNDS,
        "secret.used": 2 * ROUNDS,
        "vault.changed": 1 + 2 * ROUNDS,
        "invitation.created": ROUNDS,
    }
    assert keys.as_(kept.owner).get(f"{kept.url}/secrets").json["head"]["seq"] == "17"


def mixed(secret_ids: list[UUID]) -> list[UUID]:
    return random.sample(secret_ids, len(secret_ids))


def written(client: Client, mine: Vault) -> int:
    put, content = mine.put(uuid4())
    sent = body(mine.commit([put]), [content])
    return client.as_(mine.owner).post(f"{mine.url}/commits", json=sent).status_code


def rebased(client: Client, vault: Vault, send: Callable[[Vault], int]) -> None:
    """Send a commit until nobody was faster."""
    mine, status = Vault(vault.owner, vault.id), 409
    while status == 409:
        follow(client.as_(vault.owner), mine)
        status = send(mine)
    assert status == 201
