"""The account of the person who asks, and the directory of the others."""

import pytest

from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person

NOT_FOUND = {"type": "/problems/not-found", "title": "Not Found", "status": 404}


def test_a_profile_is_what_the_server_knows_without_a_key(
    conn: Connection, account: Client, someone: Person
) -> None:
    conn.execute(
        "UPDATE users SET created_at = '2026-11-22 16:00Z', salt = %s WHERE user_id = %s",
        (bytes(16), someone.user_id),
    )

    response = account.as_(someone).get("/api/account/profile")

    assert response.json == {
        "user_id": str(someone.user_id),
        "email": someone.email,
        "created_at": "2026-11-22T16:00:00+00:00",
        "session_id": str(someone.session_id),
        "suite": 1,
        "salt": b64(bytes(16)),
        "keyset": "1",
        "idcert": b64(someone.idcert.raw),
        "recovery_code_at": None,
        "reminders": True,
        "second_factor": False,
        "recovery": None,
    }


def test_letters_about_reminders_are_switched_off_and_on(
    conn: Connection, account: Client, someone: Person
) -> None:
    client = account.as_(someone)

    told = [
        client.patch("/api/account/profile", json={"reminders": wanted}).json["reminders"]
        for wanted in (False, True)
    ]

    assert told == [False, True]
    actions = conn.execute("SELECT action, user_id FROM audit_log").fetchall()
    assert actions == [("reminders.switched", someone.user_id)] * 2


@pytest.mark.parametrize("body", [{}, {"reminders": "yes"}, {"reminders": None}, {"email": "x"}])
def test_a_switch_that_there_is_not_is_refused(
    conn: Connection, account: Client, someone: Person, body: dict[str, object]
) -> None:
    with nothing_stored(conn):
        answer = account.as_(someone).patch("/api/account/profile", json=body)

    assert answer.status_code == 422


def test_somebody_is_found_by_the_whole_address_and_that_is_audited(
    conn: Connection, account: Client, someone: Person
) -> None:
    other = vaults.person(conn, "someone@example.com")

    response = account.as_(someone).get(
        "/api/account/people", params={"email": " SomeOne@Example.com "}
    )

    assert response.json == {"user_id": str(other.user_id), "idcert": b64(other.idcert.raw)}
    audited = conn.execute("SELECT action, user_id, object_ids[1] FROM audit_log").fetchall()
    assert audited == [("person.looked_up", someone.user_id, other.user_id)]


@pytest.mark.parametrize("email", ["nobody@example.com", "omeone@example.com", "%@example.com"])
def test_nobody_is_found_by_another_address(
    conn: Connection, account: Client, someone: Person, email: str
) -> None:
    vaults.person(conn, "someone@example.com")

    response = account.as_(someone).get("/api/account/people", params={"email": email})

    assert (response.status_code, response.json) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"email": "nobody"},
        {"email": ["a@example.com", "b@example.com"]},
        {"email": "a@example.com", "more": "1"},
    ],
)
def test_the_directory_takes_one_address_and_nothing_else(
    conn: Connection, account: Client, someone: Person, params: dict[str, object]
) -> None:
    with nothing_stored(conn):
        response = account.as_(someone).get("/api/account/people", params=params)

    assert (response.status_code, response.json["type"]) == (422, "/problems/invalid")
