"""The keyring, replaced by whoever knows the current one."""

from typing import Any

import pytest

from shared.db import Connection
from shared.keyarc.encoding import ObjectType, b64
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person

PATH = "/api/account/keyring"


def test_a_keyring_is_given_as_it_was_sealed(account: Client, someone: Person) -> None:
    response = account.as_(someone).get(PATH)

    assert response.json == {"revision": "1", "blob": b64(someone.keyring)}


def test_a_keyring_is_replaced_by_the_one_that_names_it(
    conn: Connection, account: Client, someone: Person
) -> None:
    newer = b64(vaults.blob(ObjectType.KEYRING))

    response = account.as_(someone).put(PATH, json={"replaces": "1", "blob": newer})

    assert (response.status_code, response.json) == (200, {"revision": "2"})
    assert account.as_(someone).get(PATH).json == {"revision": "2", "blob": newer}
    audited = conn.execute("SELECT action, user_id FROM audit_log").fetchall()
    assert audited == [("keyring.replaced", someone.user_id)]


def test_a_keyring_has_room_for_hundreds_of_people(account: Client, someone: Person) -> None:
    full = b64(vaults.blob(ObjectType.KEYRING, 507_904))

    response = account.as_(someone).put(PATH, json={"replaces": "1", "blob": full})

    assert response.status_code == 200
    assert account.as_(someone).get(PATH).json["blob"] == full


def test_another_s_keyring_stays_as_it_is(
    account: Client, someone: Person, another: Person
) -> None:
    newer = b64(vaults.blob(ObjectType.KEYRING))

    account.as_(someone).put(PATH, json={"replaces": "1", "blob": newer})

    response = account.as_(another).get(PATH)
    assert response.json == {"revision": "1", "blob": b64(another.keyring)}


@pytest.mark.parametrize("replaces", ["0", "2", "9223372036854775807"])
def test_a_keyring_that_replaces_another_than_the_current_one_is_stale(
    conn: Connection, account: Client, someone: Person, replaces: str
) -> None:
    newer = b64(vaults.blob(ObjectType.KEYRING))

    with nothing_stored(conn):
        response = account.as_(someone).put(PATH, json={"replaces": replaces, "blob": newer})

    assert response.status_code == 409
    assert response.json == {
        "type": "/problems/stale-revision",
        "title": "Conflict",
        "status": 409,
        "current": {"revision": "1", "blob": b64(someone.keyring)},
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"replaces": 1}, "replaces"),
        ({"replaces": "01"}, "replaces"),
        ({"replaces": "9223372036854775808"}, "replaces"),
        ({"blob": b64(vaults.blob(ObjectType.IDENTITY))}, "blob"),
        ({"blob": b64(vaults.blob(ObjectType.KEYRING, 524_288))}, "blob"),
        ({"blob": None}, "blob"),
        ({"user_id": "1"}, "user_id"),
    ],
)
def test_a_keyring_of_the_wrong_shape_is_refused(
    conn: Connection, account: Client, someone: Person, changes: dict[str, Any], field: str
) -> None:
    sent = {"replaces": "1", "blob": b64(vaults.blob(ObjectType.KEYRING))} | changes

    with nothing_stored(conn):
        response = account.as_(someone).put(PATH, json=sent)

    assert (response.status_code, response.json["type"]) == (422, "/problems/invalid")
    assert list(response.json["errors"]) == [field]


def test_a_keyring_is_not_replaced_unsaid(
    conn: Connection, account: Client, someone: Person
) -> None:
    conn.execute("REVOKE INSERT ON audit_log FROM keyarc_account")
    newer = b64(vaults.blob(ObjectType.KEYRING))

    with nothing_stored(conn):
        response = account.as_(someone).put(PATH, json={"replaces": "1", "blob": newer})

    assert response.status_code == 503
