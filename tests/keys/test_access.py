"""Who may ask the keys service for what."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from falcon.testing import Result

from shared.db import Connection
from shared.keyarc.commits import Role
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person, Vault, body

NOT_FOUND = b'{"type": "/problems/not-found", "title": "Not Found", "status": 404}'

Ask = Callable[[Client, Vault, UUID], Result]

READS: dict[str, Ask] = {
    "commits": lambda client, vault, _: client.get(f"{vault.url}/commits"),
    "list": lambda client, vault, _: client.get(f"{vault.url}/secrets"),
    "secret": lambda client, vault, secret: client.get(f"{vault.url}/secrets/{secret}"),
    "read": lambda client, vault, secret: client.post(
        f"{vault.url}/secrets/read", json={"secret_ids": [str(secret)]}
    ),
    "versions": lambda client, vault, secret: client.get(f"{vault.url}/secrets/{secret}/versions"),
    "version": lambda client, vault, secret: client.get(f"{vault.url}/secrets/{secret}/versions/1"),
}


def write(client: Client, vault: Vault, secret_id: UUID) -> Result:
    """Send a commit that the caller signs."""
    assert isinstance(client.person, Person)
    put, content = vault.put(secret_id)
    commit = vault.forge([put], client.person)
    return client.post(f"{vault.url}/commits", json=body(commit, [content]))


ROUTES = READS | {"append": write}


@pytest.fixture(params=ROUTES)
def ask(request: pytest.FixtureRequest) -> Ask:
    """Each route in its turn."""
    return ROUTES[request.param]


@pytest.fixture
def secret_id(keys: Client, vault: Vault) -> UUID:
    return vault.fill(keys, 1)[0].secret_id


def test_a_stranger_cannot_tell_that_a_vault_exists(
    conn: Connection, keys: Client, vault: Vault, stranger: Person, secret_id: UUID, ask: Ask
) -> None:
    nowhere = Vault(stranger)
    nowhere.accept(nowhere.genesis())

    with nothing_stored(conn):
        there = ask(keys.as_(stranger), vault, secret_id)
        elsewhere = ask(keys.as_(stranger), nowhere, secret_id)

    assert (there.status_code, there.content) == (404, NOT_FOUND)
    assert (elsewhere.status_code, elsewhere.content) == (404, NOT_FOUND)


def test_who_has_left_is_a_stranger(
    conn: Connection, keys: Client, vault: Vault, stranger: Person, secret_id: UUID, ask: Ask
) -> None:
    vault.admit(conn, stranger, Role.ADMIN)
    conn.execute("UPDATE vault_members SET role = NULL WHERE user_id = %s", (stranger.user_id,))

    with nothing_stored(conn):
        response = ask(keys.as_(stranger), vault, secret_id)

    assert (response.status_code, response.content) == (404, NOT_FOUND)


def test_nobody_asks_without_a_context(
    keys: Client, vault: Vault, secret_id: UUID, ask: Ask
) -> None:
    nobody = keys.as_(vault.owner)
    nobody.audience = "account"

    response = ask(nobody, vault, secret_id)

    assert (response.status_code, response.json["type"]) == (401, "/problems/not-signed-in")


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE sessions SET ended_at = now()",
        "UPDATE sessions SET expires_at = now() - interval '1 second'",
        "DELETE FROM sessions",
        "UPDATE sessions SET session_id = gen_random_uuid()",
    ],
)
def test_an_ended_session_opens_nothing(
    conn: Connection, keys: Client, vault: Vault, secret_id: UUID, ask: Ask, end: Any
) -> None:
    conn.execute(end)

    with nothing_stored(conn):
        response = ask(keys.as_(vault.owner), vault, secret_id)

    assert (response.status_code, response.json["type"]) == (401, "/problems/session-ended")


def test_another_person_s_session_opens_nothing(
    conn: Connection, keys: Client, vault: Vault, stranger: Person, secret_id: UUID, ask: Ask
) -> None:
    thief = Person("thief@example.com", vault.owner.identity, stranger.session_id)

    with nothing_stored(conn):
        response = ask(keys.as_(thief), vault, secret_id)

    assert (response.status_code, response.json["type"]) == (401, "/problems/session-ended")


@pytest.mark.parametrize("name", READS)
def test_a_viewer_reads_everything(
    conn: Connection, keys: Client, vault: Vault, stranger: Person, secret_id: UUID, name: str
) -> None:
    vault.admit(conn, stranger, Role.VIEWER)

    response = READS[name](keys.as_(stranger), vault, secret_id)

    assert response.status_code == 200


def test_a_viewer_writes_nothing(
    conn: Connection, keys: Client, vault: Vault, stranger: Person, secret_id: UUID
) -> None:
    vault.admit(conn, stranger, Role.VIEWER)

    with nothing_stored(conn):
        response = write(keys.as_(stranger), vault, secret_id)

    assert response.status_code == 403
    assert response.json == {"type": "/problems/forbidden", "title": "Forbidden", "status": 403}


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.MEMBER])
def test_every_other_role_writes(
    conn: Connection, keys: Client, vault: Vault, stranger: Person, secret_id: UUID, role: Role
) -> None:
    vault.admit(conn, stranger, role)

    response = write(keys.as_(stranger), vault, secret_id)

    assert response.status_code == 201


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_route_has_no_other_methods(keys: Client, vault: Vault, method: str) -> None:
    response = keys.as_(vault.owner).simulate_request(method, f"{vault.url}/secrets")

    assert (response.status_code, response.json["type"]) == (405, "/problems/method-not-allowed")


def test_the_machine_s_own_checks_need_no_proof(keys: Client) -> None:
    assert keys.get("/api/keys/health").status_code == 200
    assert keys.get("/api/keys/ready").status_code == 200


def test_an_unknown_path_is_not_found(keys: Client, vault: Vault) -> None:
    response = keys.as_(vault.owner).get("/api/keys/vaults/x/secrets")

    assert (response.status_code, response.content) == (404, NOT_FOUND)


def test_what_cannot_be_audited_is_not_done(
    conn: Connection, keys: Client, vault: Vault, secret_id: UUID
) -> None:
    owner = keys.as_(vault.owner)
    conn.execute("REVOKE INSERT ON audit_log FROM keyarc_keys")

    with nothing_stored(conn):
        responses = [
            write(owner, vault, uuid4()),
            *(READS[name](owner, vault, secret_id) for name in ("secret", "read", "version")),
        ]

    assert [response.status_code for response in responses] == [503] * 4


def test_a_list_needs_no_audit(conn: Connection, keys: Client, vault: Vault) -> None:
    with nothing_stored(conn):
        response = keys.as_(vault.owner).get(f"{vault.url}/secrets")

    assert response.status_code == 200
