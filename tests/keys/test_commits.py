"""Adding commits to a vault: what is taken, and what comes too late."""

import os
from typing import Any
from uuid import uuid4

import pytest

from shared.db import Connection
from shared.keyarc.commits import Role
from shared.keyarc.encoding import b64
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Vault, body


def test_a_commit_is_stored_and_answered_with_its_place(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    put, content = vault.put(uuid4())
    commit = vault.commit([put])

    response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=body(commit, [content]))

    assert (response.status_code, response.json) == (201, {"seq": "2", "hash": b64(commit.hash)})
    stored = conn.execute(
        "SELECT raw, signature, hash, author_id FROM commits WHERE vault_id = %s AND seq = 2",
        (vault.id,),
    ).fetchone()
    assert stored == (commit.raw, commit.signature, commit.hash, vault.owner.user_id)


def test_a_commit_is_audited_as_a_change_of_the_vault(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    vault.fill(keys, 1)

    rows = conn.execute(
        "SELECT action, user_id, session_id, address FROM audit_log WHERE vault_id = %s",
        (vault.id,),
    ).fetchall()

    owner = vault.owner
    assert rows == [("vault.changed", owner.user_id, owner.session_id, "192.0.2.7")]


def test_the_head_may_be_sent_again_after_a_lost_answer(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    put, content = vault.put(uuid4())
    sent = body(vault.commit([put]), [content])
    first = keys.as_(vault.owner).post(f"{vault.url}/commits", json=sent)

    with nothing_stored(conn):
        again = keys.as_(vault.owner).post(f"{vault.url}/commits", json=sent)

    assert (again.status_code, again.json) == (201, first.json)


def test_a_commit_that_does_not_follow_the_head_is_stale(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    put, content = vault.put(uuid4())
    late = body(vault.commit([put]), [content])
    vault.fill(keys, 1)

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=late)

    assert response.status_code == 409
    assert response.json == {
        "type": "/problems/stale-head",
        "title": "Conflict",
        "status": 409,
        "head": {"seq": "2", "hash": b64(vault.state.head)},
    }


def test_an_old_commit_cannot_be_played_again(conn: Connection, keys: Client, vault: Vault) -> None:
    put, content = vault.put(uuid4())
    old = body(vault.send(keys, [put], [content]), [content])
    vault.send(keys, [vault.delete(content.secret_id)])

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=old)

    assert (response.status_code, response.json["type"]) == (409, "/problems/stale-head")


@pytest.mark.parametrize(
    "fields", [{"seq": 3}, {"prev": os.urandom(32)}, {"seq": 7, "prev": os.urandom(32)}]
)
def test_a_commit_with_a_gap_before_it_is_stale(
    conn: Connection, keys: Client, vault: Vault, fields: dict[str, Any]
) -> None:
    put, content = vault.put(uuid4())
    commit = vault.forge([put], **fields)

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=body(commit, [content]))

    assert (response.status_code, response.json["type"]) == (409, "/problems/stale-head")


def test_a_member_writes_and_the_owner_deletes(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    member = vaults.person(conn)
    vault.admit(conn, member, Role.MEMBER)
    put, content = vault.put(uuid4())

    vault.send(keys, [put], [content], author=member)
    vault.send(keys, [vault.delete(content.secret_id)])

    response = keys.as_(member).get(f"{vault.url}/secrets")
    assert (response.json["secrets"], len(response.json["deleted"])) == ([], 1)


def test_a_deleted_secret_comes_back_under_the_next_number(keys: Client, vault: Vault) -> None:
    (content,) = vault.fill(keys, 1)
    vault.send(keys, [vault.delete(content.secret_id)])

    vault.change(keys, content.secret_id)

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets/{content.secret_id}")
    assert response.json["version"] == "3"


def test_an_import_is_one_commit(conn: Connection, keys: Client, vault: Vault) -> None:
    contents = vault.fill(keys, 500)
    gone = [vault.delete(content.secret_id) for content in contents[:200]]
    changed = [vault.put(content.secret_id) for content in contents[200:400]]

    vault.send(keys, [*gone, *(put for put, _ in changed)], [content for _, content in changed])

    counted = conn.execute("SELECT secrets FROM vaults WHERE vault_id = %s", (vault.id,))
    assert counted.fetchone() == (300,)
    assert len(keys.as_(vault.owner).get(f"{vault.url}/secrets").json["secrets"]) == 300
