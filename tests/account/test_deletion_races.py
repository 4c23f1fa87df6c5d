"""Whoever asks while a vault or an account ends is told so, and leaves nothing of it behind."""

from collections.abc import Callable
from typing import LiteralString
from uuid import uuid4

import pytest

from tests import links, machine_tokens, rosters, vaults
from tests.account.conftest import Ask, Services
from tests.clients import Client
from tests.rosters import Link
from tests.vaults import Vault

# A deletion comes to this row when the vault is gone, and nothing of that committed yet.
LAST: LiteralString = "SELECT FROM audit_log WHERE vault_id = %s FOR UPDATE"
CHAIN: LiteralString = "SELECT FROM audit_heads WHERE vault_id = %s FOR UPDATE"
LEFT = """
    SELECT (SELECT count(*) FROM audit_log WHERE vault_id = %(vault_id)s),
           (SELECT count(*) FROM audit_heads WHERE vault_id = %(vault_id)s),
           (SELECT count(*) FROM secret_uses WHERE vault_id = %(vault_id)s)
"""
LEFT_OF_PERSON = """
    SELECT (SELECT count(*) FROM audit_log WHERE user_id = %(user_id)s),
           (SELECT count(*) FROM links WHERE user_id = %(user_id)s)
"""
Asking = Callable[[Client, Vault, str], Ask]


def reading(keys: Client, vault: Vault, secret_id: str) -> Ask:
    return lambda: keys.get(f"{vault.url}/secrets/{secret_id}")


def reading_many(keys: Client, vault: Vault, secret_id: str) -> Ask:
    return lambda: keys.post(f"{vault.url}/secrets/read", json={"secret_ids": [secret_id]})


def reading_back(keys: Client, vault: Vault, secret_id: str) -> Ask:
    return lambda: keys.get(f"{vault.url}/secrets/{secret_id}/versions/1")


def reminding(keys: Client, vault: Vault, secret_id: str) -> Ask:
    day = {"day": "2999-01-01"}
    return lambda: keys.put(f"{vault.url}/reminders/{secret_id}", json=day)


def writing(keys: Client, vault: Vault, _secret_id: str) -> Ask:
    put, content = vault.put(uuid4())
    sent = vaults.body(vault.commit([put]), [content])
    return lambda: keys.post(f"{vault.url}/commits", json=sent)


def inviting(account: Client, vault: Vault, _secret_id: str) -> Ask:
    commit = vault.commit([Link().op])
    sent = rosters.body(commit, rosters.enclosed(vault, commit))
    return lambda: account.post(rosters.url(vault), json=sent)


def linking(keys: Client, _vault: Vault, _secret_id: str) -> Ask:
    return lambda: keys.post("/api/keys/links", json=links.body())


def looking_up(account: Client, vault: Vault, _secret_id: str) -> Ask:
    named = {"email": vault.owner.email}
    return lambda: account.get("/api/account/people", params=named)


def switching(account: Client, _vault: Vault, _secret_id: str) -> Ask:
    return lambda: account.patch("/api/account/profile", json={"reminders": False})


PATHS = ("/api/account/vaults/{}", "/api/account/profile")
OF_VAULT: dict[Asking, str] = {
    reading: "keys",
    reading_many: "keys",
    reading_back: "keys",
    reminding: "keys",
    writing: "keys",
    inviting: "account",
}
OF_PERSON: dict[Asking, tuple[str, int]] = {
    linking: ("keys", 404),
    looking_up: ("account", 401),
    switching: ("account", 401),
}


def doomed(services: Services) -> tuple[Vault, str]:
    """Return a vault whose owner may delete it, with what is theirs, and a secret of it."""
    vault = vaults.begin(services.conn)
    (content,) = vault.fill(services.keys, 1)
    machine_tokens.prove(services.conn, vault.owner)
    return vault, str(content.secret_id)


def deleting(services: Services, vault: Vault, path: str) -> Ask:
    owner = services.account.as_(vault.owner)
    return lambda: owner.delete(path.format(vault.id))


def ended(services: Services, path: str, asking: Asking, service: str) -> tuple[Vault, int]:
    """Delete what *path* names while somebody asks; return what they are told, and the vault."""
    vault, secret_id = doomed(services)
    asker = getattr(services, service).as_(vault.owner)
    asks = deleting(services, vault, path), asking(asker, vault, secret_id)

    answers = services.at_once(vault.id, *asks, hold=LAST)

    assert answers[0].status_code == 204
    return vault, answers[1].status_code


@pytest.mark.parametrize("path", PATHS)
def test_of_a_vault_that_ends_nothing_is_told_and_nothing_left(
    services: Services, path: str
) -> None:
    for asking, service in OF_VAULT.items():
        vault, status = ended(services, path, asking, service)

        left = services.conn.execute(LEFT, {"vault_id": vault.id}).fetchone()
        assert (asking.__name__, status, left) == (asking.__name__, 404, (0, 0, 0))


def test_of_an_account_that_ends_nothing_more_is_said(services: Services) -> None:
    for asking, (service, expected) in OF_PERSON.items():
        vault, status = ended(services, "/api/account/profile", asking, service)

        left = services.conn.execute(LEFT_OF_PERSON, {"user_id": vault.owner.user_id}).fetchone()
        assert (asking.__name__, status, left) == (asking.__name__, expected, (0, 0))


@pytest.mark.parametrize("path", PATHS)
def test_whoever_came_first_is_waited_for_and_does_not_wait_in_turn(
    services: Services, path: str
) -> None:
    for asking in (reading, reminding):
        vault, secret_id = doomed(services)
        asker = services.keys.as_(vault.owner)
        assert reading(asker, vault, secret_id)().status_code == 200
        asks = asking(asker, vault, secret_id), deleting(services, vault, path)

        answers = services.at_once(vault.id, *asks, hold=CHAIN)

        assert answers[0].status_code in {200, 204}
        assert answers[1].status_code == 204
        left = services.conn.execute(LEFT, {"vault_id": vault.id}).fetchone()
        assert left == (0, 0, 0)
