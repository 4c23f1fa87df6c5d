"""What is no machine, or whose vault it is not, leaves nothing behind."""

from typing import Any

import pytest

from shared.db import Connection
from shared.keyarc.account_keys import Identity
from shared.keyarc.commits import Add, How, Op, Role
from shared.keyarc.encoding import b64
from tests import machine_tokens, vaults
from tests.clients import Client
from tests.machine_tokens import Machine
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

URL = "/api/account/machine-tokens"


@pytest.fixture
def vault(conn: Connection) -> Vault:
    return vaults.begin(conn)


def post(account: Client, owner: Person, body: dict[str, Any]) -> tuple[int, str | None]:
    """Return status and problem of the answer."""
    response = account.as_(owner).post(URL, json=body)
    return response.status_code, response.json.get("type")


def _ops(machine: Machine, stranger: Person) -> dict[str, list[Op]]:
    return {
        "more than a reader": [Add(machine.idcert, Role.MEMBER, How.MACHINE)],
        "a person's way": [Add(machine.idcert, Role.VIEWER, How.WORDS)],
        "somebody else": [Add(stranger.idcert, Role.VIEWER, How.MACHINE)],
        "somebody else too": [machine.add, Add(stranger.idcert, Role.VIEWER, How.MACHINE)],
        "another of its keys": [
            Add(Identity.make(machine.user_id).idcert(), Role.VIEWER, How.MACHINE)
        ],
    }


@pytest.mark.parametrize("name", _ops(Machine(), Person("nobody@example.com")))
def test_a_machine_only_reads_and_comes_alone(
    conn: Connection, account: Client, vault: Vault, name: str
) -> None:
    machine, stranger = Machine(), vaults.person(conn)
    commit = vault.commit(_ops(machine, stranger)[name])
    machine_tokens.prove(conn, vault.owner)

    with nothing_stored(conn):
        refused = post(account, vault.owner, machine.body([commit]))

    assert refused == (422, "/problems/broken-commit")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("idcert", b64(Machine().idcert.raw)),
        ("idcert", b64(b"x" * 1356)),
        ("commits", []),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("expires_at", "2999-01-01T00:00:00"),
        ("expires_at", "9999-12-31T23:59:59-23:59"),  # in UTC there is no such day
        ("name", "two\nlines"),
        ("name", ""),
        ("auth", b64(b"short")),
    ],
)
def test_what_is_no_machine_is_refused(
    conn: Connection, account: Client, vault: Vault, field: str, value: Any
) -> None:
    machine = Machine()
    body = machine.body([vault.commit([machine.add])]) | {field: value}
    machine_tokens.prove(conn, vault.owner)

    with nothing_stored(conn):
        response = account.as_(vault.owner).post(URL, json=body)

    assert response.status_code == 422
    assert list(response.json["errors"]) == [field]


def test_the_id_of_somebody_else_is_not_a_machine_s(
    conn: Connection, account: Client, vault: Vault
) -> None:
    machine = machine_tokens.made(conn, account, vault)
    other = vaults.begin(conn)
    machine.name = "taken over"
    machine_tokens.prove(conn, other.owner)

    with nothing_stored(conn):
        refused = post(account, other.owner, machine.body([other.commit([machine.add])]))

    assert refused == (409, "/problems/account-exists")


def test_a_vault_of_others_does_not_exist(conn: Connection, account: Client, vault: Vault) -> None:
    stranger, machine = vaults.person(conn), Machine()
    commit = vault.forge([machine.add], stranger)
    machine_tokens.prove(conn, stranger)

    with nothing_stored(conn):
        refused = post(account, stranger, machine.body([commit]))

    assert refused == (404, "/problems/not-found")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_who_does_not_keep_a_vault_lets_no_machine_in(
    conn: Connection, account: Client, vault: Vault, role: Role
) -> None:
    member, machine = vaults.person(conn), Machine()
    vault.admit(conn, member, role)
    machine_tokens.prove(conn, member)

    with nothing_stored(conn):
        refused = post(account, member, machine.body([vault.forge([machine.add], member)]))

    assert refused == (403, "/problems/forbidden")
