"""The details of secrets: one at a time or many, and that the audit log tells of each."""

from uuid import UUID, uuid4

import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Vault

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


def reads(conn: Connection, vault: Vault) -> list[UUID]:
    rows = conn.execute(
        """SELECT unnest(object_ids) AS object_id FROM audit_log
            WHERE vault_id = %s AND user_id = %s AND action = 'secret.read'
            ORDER BY object_id""",
        (vault.id, vault.owner.user_id),
    )
    return [row[0] for row in rows]


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


@pytest.fixture(params=["unknown", "deleted", "of another vault"])
def absent(request: pytest.FixtureRequest, conn: Connection, keys: Client, vault: Vault) -> UUID:
    """The id of a secret that the vault does not have."""
    (elsewhere,) = vaults.begin(conn, vault.owner).fill(keys, 1)
    (deleted,) = vault.fill(keys, 1)
    vault.send(keys, [vault.delete(deleted.secret_id)])
    found: dict[str, UUID] = {
        "unknown": uuid4(),
        "deleted": deleted.secret_id,
        "of another vault": elsewhere.secret_id,
    }
    return found[request.param]


def test_a_secret_that_is_not_there_is_not_found(
    conn: Connection, keys: Client, vault: Vault, absent: UUID
) -> None:
    with nothing_stored(conn):
        response = keys.as_(vault.owner).get(f"{vault.url}/secrets/{absent}")

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
    conn: Connection, keys: Client, vault: Vault, absent: UUID
) -> None:
    (content,) = vault.fill(keys, 1)
    wanted = [str(content.secret_id), str(absent)]

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
