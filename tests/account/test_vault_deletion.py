"""A vault that is nobody else's ends at once and completely."""

from uuid import UUID

import pytest

from shared.db import Connection
from shared.keyarc.commits import Remove, Role
from tests import machine_tokens, rosters
from tests.clients import Client
from tests.rosters import Link
from tests.rows import nothing_stored
from tests.vaults import Person, Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}
TABLES = """
    SELECT table_name
      FROM information_schema.columns
     WHERE table_schema = 'public'
       AND column_name = 'vault_id'
"""
WHERE = "SELECT count(*) FROM {} WHERE vault_id = %s"


def url(vault: Vault) -> str:
    return f"/api/account/vaults/{vault.id}"


def traces(conn: Connection, vault_id: UUID) -> dict[str, int]:
    """Return how many rows each table has of a vault."""
    found = {}
    for (table,) in conn.execute(TABLES).fetchall():
        row = conn.execute(WHERE.format(table).encode(), (vault_id,)).fetchone()
        found[table] = row[0] if row else 0
    return found


def test_nothing_of_a_vault_is_left(
    conn: Connection, account: Client, keys: Client, vault: Vault, another: Person
) -> None:
    """Neither with whoever was of it, nor with its owner's machines."""
    contents = vault.fill(keys, 2)
    secret = f"{vault.url}/secrets/{contents[0].secret_id}"
    assert keys.as_(vault.owner).get(secret).status_code == 200
    machine_tokens.made(conn, account, vault)
    rosters.change(account, vault, rosters.add(another))
    rosters.change(account, vault, Remove(another.user_id), rosters.rotate(vault), Link().op)
    before = traces(conn, vault.id)
    machine_tokens.prove(conn, vault.owner)

    response = account.as_(vault.owner).delete(url(vault))

    assert (response.status_code, response.content) == (204, b"")
    assert min(before[table] for table in ("audit_log", "shares", "vault_invites")) > 0
    assert set(traces(conn, vault.id).values()) == {0}
    told = conn.execute(
        "SELECT action, user_id, object_ids FROM audit_log ORDER BY audit_id DESC LIMIT 1"
    ).fetchone()
    assert told == ("vault.deleted", vault.owner.user_id, [vault.id])
    assert keys.as_(vault.owner).get(secret).json == NOT_FOUND
    assert account.as_(another).get(rosters.url(vault, "removal")).json == NOT_FOUND


@pytest.mark.parametrize("role", Role)
def test_what_others_are_of_is_not_one_s_own(
    conn: Connection, account: Client, vault: Vault, another: Person, role: Role
) -> None:
    rosters.change(account, vault, rosters.add(another, role))
    asked = {}

    for person in (vault.owner, another):
        machine_tokens.prove(conn, person)
        with nothing_stored(conn):
            answer = account.as_(person).delete(url(vault))
        asked[person.user_id] = answer.json["type"]

    shared, forbidden = "/problems/vaults-shared", "/problems/forbidden"
    assert asked[vault.owner.user_id] == shared
    assert asked[another.user_id] == (shared if role is Role.OWNER else forbidden)


def test_a_machine_of_somebody_else_counts_as_somebody(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    """Its owner has left, and its token works on."""
    rosters.change(account, vault, rosters.add(another, Role.ADMIN))
    theirs = Vault(another, vault.id, vault.profile)
    theirs.state = vault.state
    machine_tokens.made(conn, account, theirs)
    rosters.change(account, vault, Remove(another.user_id), author=another)
    machine_tokens.prove(conn, vault.owner)

    with nothing_stored(conn):
        response = account.as_(vault.owner).delete(url(vault))

    assert response.json["type"] == "/problems/vaults-shared"


def test_it_takes_a_fresh_proof(conn: Connection, account: Client, vault: Vault) -> None:
    with nothing_stored(conn):
        response = account.as_(vault.owner).delete(url(vault))

    assert response.json["type"] == "/problems/proof-needed"


def test_a_stranger_is_told_what_is_told_of_a_vault_that_is_none(
    conn: Connection, account: Client, vault: Vault, another: Person
) -> None:
    answers = []

    for one in (vault, Vault(vault.owner)):
        machine_tokens.prove(conn, another)
        with nothing_stored(conn):
            answers.append(account.as_(another).delete(url(one)))

    assert answers[0].content == answers[1].content
    assert answers[0].json == NOT_FOUND
