"""What is purged is gone for good; the history keeps its hashes, and verifies as before."""

from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest

from shared.db import Connection
from shared.keyarc.commits import Role, State, apply, parse
from shared.keyarc.encoding import unb64
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

PURGED = {"type": "/problems/purged", "title": "Gone", "status": 410}


@pytest.fixture
def deleted(keys: Client, vault: Vault) -> UUID:
    """The id of a deleted secret that had two versions."""
    content, _ = vault.fill(keys, 2)
    vault.change(keys, content.secret_id)
    vault.send(keys, [vault.delete(content.secret_id)])
    return content.secret_id


def purge(client: Client, vault: Vault, secret_id: UUID) -> tuple[int, str | None]:
    answer = client.delete(f"{vault.url}/secrets/{secret_id}/versions")
    return answer.status_code, answer.json["type"] if answer.content else None


def test_what_a_deleted_secret_held_is_gone_and_nothing_else(
    conn: Connection, keys: Client, vault: Vault, deleted: UUID
) -> None:
    owner, secret = keys.as_(vault.owner), f"{vault.url}/secrets/{deleted}"
    list_before = owner.get(f"{vault.url}/secrets").json["secrets"]

    assert purge(owner, vault, deleted) == (204, None)

    left = conn.execute(
        """SELECT count(*) FROM secret_versions
            WHERE secret_id = %s AND (overview IS NOT NULL OR details IS NOT NULL)""",
        (deleted,),
    )
    assert left.fetchone() == (0,)
    assert owner.get(f"{vault.url}/secrets").json["secrets"] == list_before
    versions = owner.get(f"{secret}/versions").json["items"]
    assert [(item["version"], item["deleted"], item["purged"]) for item in versions] == [
        ("1", False, True),
        ("2", False, True),
        ("3", True, False),
    ]
    assert owner.get(f"{secret}/versions/2").json == PURGED


def test_the_history_verifies_after_a_purge(keys: Client, vault: Vault, deleted: UUID) -> None:
    owner = keys.as_(vault.owner)
    purge(owner, vault, deleted)

    state = State(vault.id)
    for item in owner.get(f"{vault.url}/commits").json["items"]:
        apply(state, parse(unb64(item["commit"]), unb64(item["signature"])))

    assert (state.head, state.hash()) == (vault.state.head, vault.state.hash())


def test_a_purged_secret_may_get_a_new_version(keys: Client, vault: Vault, deleted: UUID) -> None:
    owner = keys.as_(vault.owner)
    purge(owner, vault, deleted)

    vault.change(keys, deleted)

    assert owner.get(f"{vault.url}/secrets/{deleted}").json["version"] == "4"
    assert purge(owner, vault, deleted) == (409, "/problems/secret-live")


@pytest.mark.parametrize("role", Role)
def test_owners_and_admins_purge_and_others_do_not(
    conn: Connection, keys: Client, vault: Vault, stranger: Person, deleted: UUID, role: Role
) -> None:
    vault.admit(conn, stranger, role)
    keeps = role in {Role.OWNER, Role.ADMIN}

    answer = purge(keys.as_(stranger), vault, deleted)

    assert answer == ((204, None) if keeps else (403, "/problems/forbidden"))
    count = conn.execute("SELECT count(*) FROM secret_versions WHERE overview IS NOT NULL")
    assert count.fetchone() == (1 if keeps else 3,)


def test_a_live_secret_is_not_purged(conn: Connection, keys: Client, vault: Vault) -> None:
    (content,) = vault.fill(keys, 1)

    with nothing_stored(conn):
        answer = purge(keys.as_(vault.owner), vault, content.secret_id)

    assert answer == (409, "/problems/secret-live")


def test_what_is_not_of_the_vault_is_not_purged(
    conn: Connection, keys: Client, vault: Vault, deleted: UUID
) -> None:
    other = vaults.begin(conn, vault.owner)

    with nothing_stored(conn):
        answers = [purge(keys.as_(vault.owner), other, one) for one in (deleted, uuid4())]

    assert answers == [(404, "/problems/not-found")] * 2


@pytest.mark.parametrize(
    "half",
    [
        "UPDATE secret_versions SET overview = NULL",
        "UPDATE secret_versions SET details = NULL",
    ],
)
def test_a_version_is_emptied_whole_or_not_at_all(
    conn: Connection, keys: Client, vault: Vault, half: LiteralString
) -> None:
    vault.fill(keys, 1)

    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        conn.execute(half)

    assert caught.value.diag.constraint_name == "secret_versions_content_check"
