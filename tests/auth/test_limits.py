"""Guessing is slow from anywhere, tells nothing, and locks nobody out."""

import os

import pytest
from falcon.testing import Result

from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import factories
from tests.clients import Client
from tests.factories import Person
from tests.shared.test_limits import older

LOOPBACK = "127.0.0.1"


def guess(auth: Client, email: str, address: str = "192.0.2.7") -> Result:
    """Log in with a proof that is wrong."""
    body = {"email": email, "auth": b64(os.urandom(32)), "device": "a laptop"}
    return auth.post("/auth/sessions", json=body, headers={"X-KeyArc-Client-IP": address})


def log_in(auth: Client, person: Person) -> int:
    return auth.post("/auth/sessions", json=person.login).status_code


def test_after_ten_guesses_one_has_to_wait_whether_there_is_an_account_or_not(
    auth: Client,
) -> None:
    """S06, S07: the refusal is the same, byte by byte, and so is the number of guesses before."""
    known, unknown = factories.signed_up(auth).email, "nobody@example.com"

    answers = {email: [guess(auth, email) for _ in range(12)] for email in (known, unknown)}

    of_known, of_unknown = answers.values()
    assert [answer.status_code for answer in of_known] == [401] * 10 + [429] * 2
    for left, right in zip(of_known, of_unknown, strict=True):
        assert (left.status_code, left.content) == (right.status_code, right.content)
        assert left.headers.get("retry-after") == right.headers.get("retry-after")
        assert left.headers.keys() == right.headers.keys()
    assert of_known[-1].headers["retry-after"] == "1"
    assert of_known[-1].json == {
        "type": "/problems/too-many-requests",
        "title": "Too Many Requests",
        "status": 429,
    }


def test_who_knows_the_password_waits_too_and_then_is_let_in(
    auth: Client, conn: Connection
) -> None:
    """S07: a wait ends; and a login forgets what was guessed before it."""
    person = factories.signed_up(auth)
    for _ in range(11):
        guess(auth, person.email)

    during = log_in(auth, person)
    older(conn, 1)
    after = [log_in(auth, person), guess(auth, person.email).status_code]

    assert (during, after) == (429, [201, 401])


def test_guessing_for_a_month_locks_nobody_out(auth: Client, conn: Connection) -> None:
    """S07: no permanent lock."""
    person = factories.signed_up(auth)
    conn.execute("DELETE FROM limits")
    guess(auth, person.email)
    conn.execute("UPDATE limits SET attempts = 100000")
    guess(auth, person.email)

    older(conn, 900)

    assert log_in(auth, person) == 201


def test_neighbours_in_one_network_of_ipv6_are_one_guesser(auth: Client) -> None:
    """S07: 2^64 addresses are one; the next network is another."""
    statuses = [
        guess(auth, f"{number}@example.com", f"2001:db8:1:2::{number:x}").status_code
        for number in range(1, 62)
    ]

    other = guess(auth, "other@example.com", "2001:db8:1:3::1").status_code

    assert statuses == [401] * 60 + [429]
    assert other == 401


def test_guessing_at_one_address_from_many_networks_is_slow_too(
    auth: Client, conn: Connection
) -> None:
    """S07: and costs the person themselves a minute at most."""
    person = factories.signed_up(auth)

    statuses = [
        guess(auth, person.email, f"198.51.100.{number}").status_code for number in range(32)
    ]
    conn.execute("UPDATE limits SET attempts = attempts + 1000 WHERE attempts > 20")
    older(conn, 60)

    assert statuses == [401] * 30 + [429] * 2
    assert log_in(auth, person) == 201


def test_a_guesser_who_has_to_wait_uses_up_nothing_of_the_person(auth: Client) -> None:
    person = factories.signed_up(auth)
    for _ in range(100):
        guess(auth, person.email, "203.0.113.9")

    assert log_in(auth, person) == 201


def test_this_machine_itself_has_no_limit_by_network_but_those_by_address(auth: Client) -> None:
    many = {guess(auth, f"{number}@example.com", LOOPBACK).status_code for number in range(70)}
    one = [guess(auth, "one@example.com", LOOPBACK).status_code for _ in range(11)]

    assert many == {401}
    assert one == [401] * 10 + [429]


def test_asking_for_salts_is_limited_by_network(auth: Client, conn: Connection) -> None:
    question = {"email": "someone@example.com"}
    assert auth.post("/auth/prelogin", json=question).status_code == 200
    conn.execute("UPDATE limits SET attempts = 299")

    statuses = [auth.post("/auth/prelogin", json=question).status_code for _ in range(2)]

    assert statuses == [200, 429]


def test_signing_up_is_limited_by_address(auth: Client, conn: Connection) -> None:
    email = "someone@example.com"

    statuses = [
        auth.post("/auth/accounts", json=Person(email=email).registration).status_code
        for _ in range(6)
    ]
    older(conn, 10)

    assert statuses == [201, 409, 409, 409, 409, 429]
    again = auth.post("/auth/accounts", json=Person(email=email).registration)
    assert again.status_code == 409


@pytest.mark.parametrize("body", [{}, {"email": "someone@example.com"}])
def test_what_has_the_wrong_shape_is_no_attempt(
    auth: Client, conn: Connection, body: dict[str, str]
) -> None:
    conn.execute("DELETE FROM limits")

    assert auth.post("/auth/sessions", json=body).status_code == 422

    assert conn.execute("SELECT count(*) FROM limits").fetchone() == (0,)


def test_looking_people_up_is_limited_by_who_looks(
    auth: Client, account: Client, conn: Connection
) -> None:
    someone, other = (account.as_(factories.actor(factories.logged_in(auth))) for _ in range(2))
    query = {"email": "nobody@example.com"}
    assert someone.get("/api/account/people", params=query).status_code == 404
    conn.execute("UPDATE limits SET attempts = 59 WHERE attempts > 0.5 AND attempts < 1.5")

    statuses = [someone.get("/api/account/people", params=query).status_code for _ in range(2)]

    assert statuses == [404, 429]
    assert other.get("/api/account/people", params=query).status_code == 404


@pytest.mark.parametrize("path", ["/auth/recovery", "/auth/device-requests"])
def test_a_stranger_who_never_stops_asking_keeps_nobody_from_their_way_back(
    auth: Client, path: str
) -> None:
    """S07: what is asked for from one network uses up little of what its person may ask."""
    person = factories.signed_up(auth)
    wanted = {
        "/auth/recovery": {"recovery_auth": b64(os.urandom(32))},
        "/auth/device-requests": {"public_key": b64(os.urandom(1216))},
    }
    body = {"email": person.email, "device": "a laptop", **wanted[path]}

    def ask(address: str) -> int:
        headers = {"X-KeyArc-Client-IP": address}
        return auth.post(path, json=body, headers=headers).status_code

    of_a_stranger = [ask("192.0.2.7") for _ in range(30)]
    of_the_person = ask("198.51.100.1")

    assert of_a_stranger[-1] == 429
    assert of_the_person != 429
