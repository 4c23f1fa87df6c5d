"""What lists showed of earlier versions: many at once, and no value among them."""

from typing import Any
from uuid import uuid4

import pytest

from handlers.keys import versions
from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Vault


def ask(client: Client, vault: Vault, *wanted: tuple[object, object]) -> tuple[int, Any]:
    items = [{"secret_id": str(secret_id), "version": version} for secret_id, version in wanted]
    answer = client.post(f"{vault.url}/versions/overviews", json={"items": items})
    return answer.status_code, answer.json


def test_overviews_are_told_by_version_and_nothing_is_said_of_it(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    first, kept = vault.fill(keys, 2)
    second = vault.change(keys, first.secret_id)
    vault.send(keys, [vault.delete(first.secret_id)])
    wanted = [(first.secret_id, version) for version in ("3", "1", "2", "1")]

    with nothing_stored(conn):
        status, found = ask(keys.as_(vault.owner), vault, *wanted, (kept.secret_id, "1"))

    told: list[dict[str, str | None]] = [
        {"version": "1", "epoch": "1", "overview": b64(first.overview)},
        {"version": "2", "epoch": "1", "overview": b64(second.overview)},
        {"version": "3", "epoch": None, "overview": None},
        {"version": "1", "epoch": "1", "overview": b64(kept.overview)},
    ]
    for item, content in zip(told, (first, first, first, kept), strict=True):
        item["secret_id"] = str(content.secret_id)
    assert status == 200
    assert found == {"items": sorted(told, key=lambda item: str(item["secret_id"]))}


def test_of_a_purged_version_there_is_no_overview(keys: Client, vault: Vault) -> None:
    (content,) = vault.fill(keys, 1)
    vault.send(keys, [vault.delete(content.secret_id)])
    owner = keys.as_(vault.owner)
    owner.delete(f"{vault.url}/secrets/{content.secret_id}/versions")

    status, found = ask(owner, vault, (content.secret_id, "1"))

    assert (status, found["items"]) == (
        200,
        [{"secret_id": str(content.secret_id), "version": "1", "epoch": "1", "overview": None}],
    )


def test_all_overviews_are_of_the_vault_or_none_is_told(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    (content,) = vault.fill(keys, 1)
    (elsewhere,) = vaults.begin(conn, vault.owner).fill(keys, 1)
    known = (content.secret_id, "1")

    for absent in ((content.secret_id, "2"), (elsewhere.secret_id, "1"), (uuid4(), "1")):
        status, found = ask(keys.as_(vault.owner), vault, known, absent)
        assert (status, found["type"]) == (404, "/problems/not-found")


def test_more_than_an_answer_holds_is_refused(
    keys: Client, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = vault.fill(keys, 2)
    size = len(one.overview)
    monkeypatch.setattr(versions, "MAX_READ_BYTES", size)
    owner = keys.as_(vault.owner)

    fits, _ = ask(owner, vault, (one.secret_id, "1"))
    status, found = ask(owner, vault, (one.secret_id, "1"), (two.secret_id, "1"))

    assert (fits, status, found["type"]) == (200, 413, "/problems/too-large")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"items": {}},
        {"items": [1]},
        {"items": [{"secret_id": str(uuid4())}]},
        {"items": [{"secret_id": str(uuid4()), "version": 1}]},
        {"items": [{"secret_id": str(uuid4()), "version": "-1"}]},
        {"items": [{"secret_id": "x", "version": "1"}]},
        {"items": [{"secret_id": str(uuid4()), "version": "1", "more": 1}]},
        {"items": [0] * 10_001},
    ],
)
def test_asking_by_anything_but_ids_and_numbers_is_refused(
    keys: Client, vault: Vault, body: object
) -> None:
    answer = keys.as_(vault.owner).post(f"{vault.url}/versions/overviews", json=body)

    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")
