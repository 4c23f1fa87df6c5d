"""Bodies of the wrong shape: the right problem, with the field where there is one."""

import json
from typing import Any
from uuid import uuid4

import pytest

from shared.db import Connection
from shared.keyarc.encoding import ObjectType, b64
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import DETAILS, OVERVIEW, Vault, body

A_BLOB = {"secret_id": str(uuid4()), "overview": "", "details": ""}


def draft(vault: Vault) -> dict[str, Any]:
    put, content = vault.put(uuid4())
    return body(vault.commit([put]), [content])


@pytest.mark.parametrize(
    ("text", "media_type", "status", "slug"),
    [
        (b'{"commit": "', "application/json", 400, "malformed"),
        (b"\xff\xfe", "application/json", 400, "malformed"),
        (b'{"commit": "a", "commit": "b"}', "application/json", 400, "malformed"),
        (b"[" * 17 + b"]" * 17, "application/json", 400, "malformed"),
        (b"", "application/json", 400, "malformed"),
        (b"null", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"{}", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"{}", None, 415, "unsupported-media-type"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    conn: Connection,
    keys: Client,
    vault: Vault,
    text: bytes,
    media_type: str | None,
    status: int,
    slug: str,
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(f"{vault.url}/commits", body=text, headers=headers)

    assert (response.status_code, response.json["type"]) == (status, f"/problems/{slug}")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"commit": 7}, "commit"),
        ({"commit": None}, "commit"),
        ({"commit": "a+b/"}, "commit"),
        ({"commit": "AB"}, "commit"),
        ({"signature": b64(bytes(63))}, "signature"),
        ({"signature": b64(bytes(64)) + "=="}, "signature"),
        ({"blobs": None}, "blobs"),
        ({"blobs": {}}, "blobs"),
        ({"blobs": [7]}, "blobs"),
        ({"blobs": [{}]}, "blobs"),
        ({"blobs": [A_BLOB] * 10_001}, "blobs"),
        ({"more": 1}, "more"),
    ],
)
def test_a_field_of_the_wrong_shape_is_named(
    conn: Connection, keys: Client, vault: Vault, changes: dict[str, Any], field: str
) -> None:
    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=draft(vault) | changes)

    assert (response.status_code, response.json["type"]) == (422, "/problems/invalid")
    assert list(response.json["errors"]) == [field]


def test_a_list_that_is_too_long_is_counted_and_not_looked_into(keys: Client, vault: Vault) -> None:
    commits, reading = f"{vault.url}/commits", f"{vault.url}/secrets/read"

    blobs = keys.as_(vault.owner).post(commits, json=draft(vault) | {"blobs": [0] * 10_001})
    ids = keys.as_(vault.owner).post(reading, json={"secret_ids": [0] * 10_001})

    assert blobs.json["errors"] == {"blobs": ["Too many."]}
    assert ids.json["errors"] == {"secret_ids": ["Too many."]}


@pytest.mark.parametrize("field", ["commit", "signature", "blobs"])
def test_a_missing_field_is_named(keys: Client, vault: Vault, field: str) -> None:
    sent = draft(vault)
    del sent[field]

    response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=sent)

    assert (response.status_code, list(response.json["errors"])) == (422, [field])


@pytest.mark.parametrize(
    "overview",
    [
        vaults.blob(DETAILS),
        vaults.blob(ObjectType.KEYRING),
        vaults.blob(OVERVIEW)[:-1],
        vaults.blob(OVERVIEW) + b"\0",
        vaults.blob(OVERVIEW, 0),
        vaults.blob(OVERVIEW, 65_536),
        b"",
    ],
    ids=["details", "keyring", "cut", "longer", "empty", "too long", "nothing"],
)
def test_what_cannot_be_a_sealed_overview_is_refused(
    conn: Connection, keys: Client, vault: Vault, overview: bytes
) -> None:
    sent = draft(vault)
    sent["blobs"][0]["overview"] = b64(overview)

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(f"{vault.url}/commits", json=sent)

    assert response.status_code == 422
    assert list(response.json["errors"]["blobs"]["0"]) == ["overview"]


def test_a_commit_larger_than_16_mib_is_refused(
    conn: Connection, keys: Client, vault: Vault
) -> None:
    text = json.dumps(draft(vault)).encode()
    text += b" " * ((16 << 20) + 1 - len(text))

    with nothing_stored(conn):
        response = keys.as_(vault.owner).post(
            f"{vault.url}/commits", body=text, headers={"Content-Type": "application/json"}
        )

    assert (response.status_code, response.json["type"]) == (413, "/problems/too-large")


def test_a_commit_of_exactly_16_mib_is_taken(keys: Client, vault: Vault) -> None:
    text = json.dumps(draft(vault)).encode()
    text += b" " * ((16 << 20) - len(text))

    response = keys.as_(vault.owner).post(
        f"{vault.url}/commits", body=text, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 201


def test_other_bodies_end_at_1_mib(keys: Client, vault: Vault) -> None:
    text = json.dumps({"secret_ids": []}).encode()
    text += b" " * ((1 << 20) + 1 - len(text))

    response = keys.as_(vault.owner).post(
        f"{vault.url}/secrets/read", body=text, headers={"Content-Type": "application/json"}
    )

    assert (response.status_code, response.json["type"]) == (413, "/problems/too-large")
