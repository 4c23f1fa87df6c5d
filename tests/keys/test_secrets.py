"""The list of secrets, one of them, and many at once."""

import gzip
import json
from uuid import UUID, uuid4

import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64, sha256
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


def reads(conn: Connection, vault: Vault) -> list[UUID]:
    rows = conn.execute(
        """SELECT object_id FROM audit_log
            WHERE vault_id = %s AND user_id = %s AND action = 'secret.read'
            ORDER BY object_id""",
        (vault.id, vault.owner.user_id),
    )
    return [row[0] for row in rows]


def test_a_list_shows_each_overview_and_no_details(keys: Client, vault: Vault) -> None:
    contents = vault.fill(keys, 3)

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets")

    assert response.json == {
        "head": {"seq": "2", "hash": b64(vault.state.head), "state": b64(vault.state.hash())},
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


def test_a_secret_is_read_whole_and_the_audit_log_says_so(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    (content,) = vault.fill(keys, 1)

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets/{content.secret_id}")

    assert response.json == {
        "secret_id": str(content.secret_id),
        "version": "1",
        "epoch": "1",
        "overview": b64(content.overview),
        "details": b64(content.details),
    }
    assert reads(conn, vault) == [content.secret_id]


def test_a_changed_secret_is_read_as_it_is_now(keys: Client, vault: Vault) -> None:
    (content,) = vault.fill(keys, 1)
    changed = vault.change(keys, content.secret_id)

    response = keys.as_(vault.owner).get(f"{vault.url}/secrets/{content.secret_id}")

    assert (response.json["version"], response.json["details"]) == ("2", b64(changed.details))


@pytest.mark.parametrize("which", ["unknown", "deleted", "of another vault", "no id"])
def test_a_secret_that_is_not_there_is_not_found(
    conn: Connection, keys: Client, vault: Vault, which: str
) -> None:
    other = vaults.begin(conn, vault.owner)
    (elsewhere,) = other.fill(keys, 1)
    (deleted,) = vault.fill(keys, 1)
    vault.send(keys, [vault.delete(deleted.secret_id)])
    named = {
        "unknown": str(uuid4()),
        "deleted": str(deleted.secret_id),
        "of another vault": str(elsewhere.secret_id),
        "no id": "x",
    }

    with nothing_stored(conn):
        response = keys.as_(vault.owner).get(f"{vault.url}/secrets/{named[which]}")

    assert (response.status_code, response.json) == (404, NOT_FOUND)


def test_many_secrets_are_read_at_once_and_each_is_audited(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    contents = vault.fill(keys, 3)[:2]
    wanted = [str(content.secret_id) for content in contents]

    response = keys.as_(vault.owner).post(
        f"{vault.url}/secrets/read", json={"secret_ids": [*wanted, wanted[0]]}
    )

    assert response.json == {
        "items": [
            {
                "secret_id": str(content.secret_id),
                "version": "1",
                "epoch": "1",
                "details": b64(content.details),
            }
            for content in sorted(contents, key=lambda content: content.secret_id)
        ]
    }
    assert reads(conn, vault) == sorted(content.secret_id for content in contents)


def test_many_secrets_are_read_wholly_or_not_at_all(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    (content,) = vault.fill(keys, 1)
    wanted = [str(content.secret_id), str(uuid4())]

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(
            f"{vault.url}/secrets/read", json={"secret_ids": wanted}
        )

    assert (response.status_code, response.json) == (404, NOT_FOUND)


def test_reading_more_than_an_answer_holds_is_refused(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    contents = vault.fill(keys, 3)
    conn.execute("ALTER TABLE secret_versions DROP CONSTRAINT secret_versions_details_check")
    conn.execute("UPDATE secret_versions SET details = convert_to(repeat('x', 6000000), 'UTF8')")
    wanted = [str(content.secret_id) for content in contents]

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(
            f"{vault.url}/secrets/read", json={"secret_ids": wanted}
        )

    assert (response.status_code, response.json["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"secret_ids": "x"},
        {"secret_ids": [1]},
        {"secret_ids": [str(uuid4()).upper()]},
        {"secret_ids": [str(uuid4())] * 10_001},
        {"secret_ids": [], "more": 1},
        [],
    ],
)
def test_reading_by_anything_but_ids_is_refused(keys: Client, vault: Vault, wanted: object) -> None:
    response = keys.as_(vault.owner).post(f"{vault.url}/secrets/read", json=wanted)

    assert (response.status_code, response.json["type"]) == (422, "/problems/invalid")
