"""The signed history of a vault, and the versions of a secret."""

from uuid import uuid4

import pytest

from shared import vault_history
from shared.db import Connection
from shared.keyarc.commits import State, apply, parse
from shared.keyarc.encoding import b64, unb64
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


def test_the_history_verifies_from_the_genesis_to_the_head(keys: Client, vault: Vault) -> None:
    contents = vault.fill(keys, 3)
    vault.send(keys, [vault.delete(contents[0].secret_id)])

    page = keys.as_(vault.owner).get(f"{vault.url}/commits").json

    state = State(vault.id)
    for item in page["items"]:
        apply(state, parse(unb64(item["commit"]), unb64(item["signature"])))
        assert item["seq"] == str(state.seq)
    assert (state.head, state.hash()) == (vault.state.head, vault.state.hash())
    assert page["next"] is None


def test_the_history_after_a_commit_leaves_it_out(keys: Client, vault: Vault) -> None:
    vault.fill(keys, 1)
    owner = keys.as_(vault.owner)

    after = owner.get(f"{vault.url}/commits", params={"after": "1"}).json
    beyond = owner.get(f"{vault.url}/commits", params={"after": "2"}).json

    assert [item["seq"] for item in after["items"]] == ["2"]
    assert beyond == {"items": [], "next": None}


def test_a_long_history_comes_in_pages(
    keys: Client, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_history, "PAGE_COMMITS", 2)
    for _ in range(4):
        vault.fill(keys, 1)
    owner = keys.as_(vault.owner)

    pages = []
    after = "0"
    while after is not None:
        page = owner.get(f"{vault.url}/commits", params={"after": after}).json
        pages.append([item["seq"] for item in page["items"]])
        after = page["next"]

    assert pages == [["1", "2"], ["3", "4"], ["5"]]


def test_a_page_of_large_commits_is_shorter_but_never_empty(
    keys: Client, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_history, "PAGE_BYTES", 1000)
    vault.fill(keys, 20)
    vault.fill(keys, 1)
    vault.fill(keys, 1)
    owner = keys.as_(vault.owner)

    large = owner.get(f"{vault.url}/commits", params={"after": "1"}).json
    small = owner.get(f"{vault.url}/commits", params={"after": "2"}).json

    assert ([item["seq"] for item in large["items"]], large["next"]) == (["2"], "2")
    assert ([item["seq"] for item in small["items"]], small["next"]) == (["3", "4"], None)


def test_the_versions_of_a_secret_tell_who_made_them_and_when(keys: Client, vault: Vault) -> None:
    (content,) = vault.fill(keys, 1)
    deleted = vault.send(keys, [vault.delete(content.secret_id)])

    page = keys.as_(vault.owner).get(f"{vault.url}/secrets/{content.secret_id}/versions").json

    put, deletion = page["items"]
    assert (put["version"], put["epoch"], put["seq"], put["deleted"]) == ("1", "1", "2", False)
    assert deletion == {
        "version": "2",
        "epoch": None,
        "seq": "3",
        "time_ms": str(deleted.time_ms),
        "author_id": str(vault.owner.user_id),
        "deleted": True,
        "purged": False,
    }
    assert page["next"] is None


def test_many_versions_come_in_pages(keys: Client, vault: Vault) -> None:
    (content,) = vault.fill(keys, 1)
    for _ in range(101):
        vault.change(keys, content.secret_id)
    owner = keys.as_(vault.owner)
    versions = f"{vault.url}/secrets/{content.secret_id}/versions"

    first = owner.get(versions).json
    second = owner.get(versions, params={"after": first["next"]}).json

    assert (len(first["items"]), first["next"]) == (100, "100")
    assert [item["version"] for item in second["items"]] == ["101", "102"]
    assert second["next"] is None


def test_an_earlier_version_is_read_whole_and_audited(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    (content,) = vault.fill(keys, 1)
    vault.change(keys, content.secret_id)
    vault.send(keys, [vault.delete(content.secret_id)])

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets/{content.secret_id}/versions/1")

    assert response.json == {
        "secret_id": str(content.secret_id),
        "version": "1",
        "epoch": "1",
        "overview": b64(content.overview),
        "details": b64(content.details),
    }
    reads = conn.execute("SELECT object_ids[1] FROM audit_log WHERE action = 'secret.read'")
    assert reads.fetchall() == [(content.secret_id,)]


@pytest.mark.parametrize("version", ["2", "3", "0", "-1", "x", "9223372036854775808"])
def test_a_version_that_is_not_there_or_is_a_deletion_is_not_found(
    conn: Connection, keys: Client, vault: Vault, version: str
) -> None:
    (content,) = vault.fill(keys, 1)
    vault.send(keys, [vault.delete(content.secret_id)])

    with nothing_stored(conn):
        response = keys.as_(vault.owner).get(
            f"{vault.url}/secrets/{content.secret_id}/versions/{version}"
        )

    assert (response.status_code, response.json) == (404, NOT_FOUND)


def test_an_unknown_secret_has_no_versions(keys: Client, vault: Vault) -> None:
    response = keys.as_(vault.owner).get(f"{vault.url}/secrets/{uuid4()}/versions")

    assert (response.status_code, response.json) == (404, NOT_FOUND)
