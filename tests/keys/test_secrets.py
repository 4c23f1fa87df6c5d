"""The list of secrets: what changed since a commit."""

import gzip
import json

import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64, sha256
from tests import vaults
from tests.clients import Client
from tests.vaults import Vault


def audit_head(conn: Connection, vault: Vault) -> bytes:
    row = conn.execute("SELECT hash FROM audit_heads WHERE vault_id = %s", (vault.id,)).fetchone()
    assert row
    found: bytes = row[0]
    return found


def test_a_list_shows_each_overview_and_no_details(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    contents = vault.fill(keys, 3)

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets")

    assert response.json == {
        "head": {"seq": "2", "hash": b64(vault.state.head), "state": b64(vault.state.hash())},
        "audit": {"seq": "1", "hash": b64(audit_head(conn, vault))},
        "secrets": [
            {
                "secret_id": str(content.secret_id),
                "version": "1",
                "epoch": "1",
                "seq": "2",
                "overview": b64(content.overview),
                "details_hash": b64(sha256(content.details)),
            }
            for content in sorted(contents, key=lambda content: content.secret_id)
        ],
        "deleted": [],
    }


def test_a_list_of_a_new_vault_is_empty(keys: Client, vault: Vault) -> None:
    response = keys.as_(vault.owner).get(f"{vault.url}/secrets")

    assert (response.json["secrets"], response.json["deleted"]) == ([], [])


def test_a_list_since_a_commit_tells_what_changed_after_it(keys: Client, vault: Vault) -> None:
    _, changed, deleted = vault.fill(keys, 3)
    vault.change(keys, changed.secret_id)
    vault.send(keys, [vault.delete(deleted.secret_id)])

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets", params={"since": "2"})

    (row,) = response.json["secrets"]
    assert (row["secret_id"], row["version"], row["seq"]) == (str(changed.secret_id), "2", "3")
    assert response.json["deleted"] == [
        {"secret_id": str(deleted.secret_id), "version": "2", "seq": "4"}
    ]


def test_a_list_shows_nothing_of_another_vault(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    other = vaults.begin(conn, vault.owner)
    other.fill(keys, 2)

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets")

    assert response.json["secrets"] == []


@pytest.mark.parametrize("since", ["-1", "01", "x", "1.0", "9223372036854775808", "1&since=2"])
def test_a_list_since_no_number_is_refused(keys: Client, vault: Vault, since: str) -> None:
    values = since.split("&since=")

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets", params={"since": values})

    assert response.status_code == 422
    assert "since" in response.json["errors"]


def test_a_list_is_not_sent_again_while_nothing_changed(keys: Client, vault: Vault) -> None:
    vault.fill(keys, 1)
    owner = keys.as_(vault.owner)
    tag = owner.get(f"{vault.url}/secrets").headers["etag"]

    again = owner.get(f"{vault.url}/secrets", headers={"If-None-Match": f'"other", {tag}'})

    assert tag.startswith('W/"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_a_list_is_sent_again_after_a_change_or_for_another_since(
    keys: Client, vault: Vault
) -> None:
    vault.fill(keys, 1)
    owner = keys.as_(vault.owner)
    known = {"If-None-Match": owner.get(f"{vault.url}/secrets").headers["etag"]}

    since = owner.get(f"{vault.url}/secrets", params={"since": "1"}, headers=known)
    vault.fill(keys, 1)
    changed = owner.get(f"{vault.url}/secrets", headers=known)

    assert (since.status_code, changed.status_code) == (200, 200)
    assert len(changed.json["secrets"]) == 2


def test_a_list_is_sent_again_once_somebody_read_a_value(keys: Client, vault: Vault) -> None:
    (content,) = vault.fill(keys, 1)
    owner, url = keys.as_(vault.owner), f"{vault.url}/secrets"
    first = owner.get(url)
    known = {"If-None-Match": first.headers["etag"]}

    owner.get(f"{url}/{content.secret_id}")
    told = owner.get(url, headers=known)
    again = owner.get(url, headers={"If-None-Match": told.headers["etag"]})

    assert (told.status_code, again.status_code) == (200, 304)
    assert (first.json["audit"]["seq"], told.json["audit"]["seq"]) == ("1", "2")
    assert first.json | {"audit": None} == told.json | {"audit": None}


def test_two_vaults_never_share_the_tag_of_a_list(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    other = vaults.begin(conn, vault.owner)
    owner = keys.as_(vault.owner)
    known = {"If-None-Match": owner.get(f"{vault.url}/secrets").headers["etag"]}

    assert owner.get(f"{other.url}/secrets", headers=known).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br, GZip;q=0.5", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
    ],
)
def test_a_long_list_is_packed_for_those_who_take_it(
    keys: Client, vault: Vault, accepted: str, packed: bool
) -> None:
    vault.fill(keys, 20)

    response = keys.as_(vault.owner).get(
        f"{vault.url}/secrets", headers={"Accept-Encoding": accepted}
    )

    assert response.headers["vary"] == "Accept-Encoding"
    assert (response.headers.get("content-encoding") == "gzip") is packed
    text = gzip.decompress(response.content) if packed else response.content
    assert len(json.loads(text)["secrets"]) == 20
