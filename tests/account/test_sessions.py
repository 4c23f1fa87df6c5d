"""Where somebody is signed in, and how that ends at once and everywhere."""

from uuid import UUID, uuid4

import pytest
from falcon.testing import Result

from shared.caller import Actor
from shared.db import Connection
from tests import factories, vaults
from tests.clients import Client
from tests.factories import Person


@pytest.fixture
def person(auth: Client) -> Person:
    return factories.signed_up(auth)


def enter(auth: Client, person: Person, device: str = "a laptop") -> Actor:
    """Return a new session of *person*."""
    login = auth.post("/auth/sessions", json=person.login | {"device": device})
    return factories.actor(login)


def test_sessions_are_listed_by_device_time_and_network(
    auth: Client, account: Client, person: Person, conn: Connection
) -> None:
    here, there = enter(auth, person), enter(auth, person, "a phone")
    factories.aged(conn, str(there.session_id), 3600)
    conn.execute(
        "UPDATE sessions SET address = '2001:db8::7' WHERE session_id = %s", (there.session_id,)
    )

    response = account.as_(here).get("/api/account/sessions").json

    first, second = response["items"]
    assert response["next"] is None
    assert (first["session_id"], first["device"], first["network"], first["current"]) == (
        str(here.session_id),
        "a laptop",
        "192.0.2.7",
        True,
    )
    assert (second["device"], second["network"], second["current"], second["browser"]) == (
        "a phone",
        "2001:db8::/64",
        False,
        False,
    )
    assert first["last_seen_at"] > second["last_seen_at"]
    assert first["expires_at"] > second["expires_at"] > second["created_at"]


def test_a_revoked_session_is_over_at_once_and_everywhere(
    auth: Client, account: Client, keys: Client, person: Person, conn: Connection
) -> None:
    """S10: every service asks whether the session lives, and every token of it is worth nothing."""
    here = enter(auth, person)
    login = factories.logged_in(auth, person)
    there = factories.actor(login)
    vault = vaults.begin(conn)
    path = f"/api/keys/vaults/{vault.id}/secrets"
    assert keys.as_(there).get(path).status_code == 404

    revoked = account.as_(here).delete(f"/api/account/sessions/{there.session_id}")

    assert revoked.status_code == 204
    refreshed = auth.post("/auth/sessions/refresh", json=_token(login))
    proved = auth.as_(there).post("/auth/sessions/current/proof", json=_proof(person))
    for answer in (
        account.as_(there).get("/api/account/profile"),
        keys.as_(there).get(path),
        refreshed,
        proved,
    ):
        assert (answer.status_code, answer.json["type"]) == (401, "/problems/session-ended")
    assert account.as_(here).get("/api/account/profile").status_code == 200
    assert _revoked(conn) == [there.session_id]


def test_every_other_session_is_revoked_together(
    auth: Client, account: Client, person: Person, conn: Connection
) -> None:
    here, *others = (enter(auth, person) for _ in range(3))
    stranger = enter(auth, factories.signed_up(auth))

    response = account.as_(here).delete("/api/account/sessions")

    assert response.json == {"ended": 2}
    for other in others:
        assert account.as_(other).get("/api/account/profile").status_code == 401
    assert account.as_(here).get("/api/account/profile").status_code == 200
    assert account.as_(stranger).get("/api/account/profile").status_code == 200
    assert set(_revoked(conn)) == {other.session_id for other in others}


def test_nobody_revokes_the_session_of_somebody_else(
    auth: Client, account: Client, person: Person
) -> None:
    here, stranger = enter(auth, person), enter(auth, factories.signed_up(auth))

    theirs = account.as_(here).delete(f"/api/account/sessions/{stranger.session_id}")
    nobody_s = account.as_(here).delete(f"/api/account/sessions/{uuid4()}")

    assert (theirs.status_code, theirs.content) == (404, nobody_s.content)
    assert account.as_(stranger).get("/api/account/profile").status_code == 200


def test_what_is_over_is_neither_listed_nor_ended_again(
    auth: Client, account: Client, person: Person, conn: Connection
) -> None:
    here, ended, expired = (enter(auth, person) for _ in range(3))
    auth.as_(ended).delete("/auth/sessions/current")
    factories.aged(conn, str(expired.session_id), 31 * 86400)

    listed = account.as_(here).get("/api/account/sessions").json["items"]

    assert [each["session_id"] for each in listed] == [str(here.session_id)]
    for actor in (ended, expired):
        gone = account.as_(here).delete(f"/api/account/sessions/{actor.session_id}")
        assert gone.status_code == 404


def test_a_client_s_session_ends_a_year_after_it_began(auth: Client, conn: Connection) -> None:
    login = last = factories.logged_in(auth)

    for _ in range(13):
        factories.aged(conn, login.json["session_id"], 28 * 86400)
        last = auth.post("/auth/sessions/refresh", json=_token(last))
        assert last.status_code == 200
    factories.aged(conn, login.json["session_id"], 2 * 86400)

    late = auth.post("/auth/sessions/refresh", json=_token(last))
    assert (late.status_code, late.json["type"]) == (401, "/problems/session-ended")


def _token(answer: Result) -> dict[str, str]:
    return {"refresh_token": answer.json["refresh_token"]}


def _proof(person: Person) -> dict[str, str]:
    return {"auth": person.login["auth"]}


def _revoked(conn: Connection) -> list[UUID]:
    rows = conn.execute("SELECT object_ids[1] FROM audit_log WHERE action = 'session.revoked'")
    return [session_id for (session_id,) in rows.fetchall()]
