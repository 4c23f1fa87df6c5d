"""Signing up where there is mail: one answer for all, and the account comes with the letter."""

import os

import pytest

from handlers.auth import routes
from shared import browsers, mail
from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import factories, mail_relay
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import OneTransaction
from tests.factories import Person


@pytest.fixture
def auth(conn: Connection) -> Client:
    """The auth service with mail that waits where it is written."""
    pool, post = OneTransaction(conn, "keyarc_auth"), mail.Post(mail_relay.NOWHERE)
    return Client(routes.create_app(pool, (JWT_SECRET,), browsers.Origins(ORIGIN), post))


def signed_up(auth: Client, conn: Connection, person: Person) -> str:
    """Return the token of the letter that a sign-up sends."""
    answer = auth.post("/auth/accounts", json=person.registration)
    assert (answer.status_code, answer.json) == (202, {})
    recipient, _, body = mail_relay.letters(conn)[-1]
    assert recipient == person.email
    return mail_relay.token(body)


def test_the_link_makes_the_account_and_works_once(auth: Client, conn: Connection) -> None:
    person = Person()
    token = signed_up(auth, conn, person)
    assert auth.post("/auth/sessions", json=person.login).status_code == 401

    first = auth.post("/auth/email-verifications", json={"token": token})
    second = auth.post("/auth/email-verifications", json={"token": token})

    assert (first.status_code, first.json) == (201, {"email": person.email})
    assert (second.status_code, second.json["type"]) == (404, "/problems/not-found")
    login = auth.post("/auth/sessions", json=person.login)
    assert login.json["keyring"]["blob"] == person.registration["keyring"]
    assert login.json["idcert"] == person.registration["idcert"]
    assert factories.actions(conn)[-2:] == ["account.created", "session.started"]


def test_an_address_with_account_gets_another_letter_and_the_same_answer(
    auth: Client, conn: Connection
) -> None:
    """S06: only who reads the mail of an address learns whether it has an account."""
    known, new = Person(), Person()
    token = signed_up(auth, conn, known)
    auth.post("/auth/email-verifications", json={"token": token})
    again = Person(email=known.email)

    answers = [auth.post("/auth/accounts", json=each.registration) for each in (again, new)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"{}")] * 2
    of_known, of_new = (
        {name: value for name, value in answer.headers.items() if name != "x-request-id"}
        for answer in answers
    )
    assert of_known == of_new
    to_known, to_new = mail_relay.letters(conn)[-2:]
    assert (to_known[0], to_known[1]) == (known.email, "You already have a KeyArc account")
    assert "#" not in to_known[2]
    assert mail_relay.token(to_new[2])


def test_of_two_sign_ups_the_one_that_is_confirmed_first_counts(
    auth: Client, conn: Connection
) -> None:
    first = Person()
    second = Person(email=first.email)
    tokens = [signed_up(auth, conn, person) for person in (first, second)]

    answers = [
        auth.post("/auth/email-verifications", json={"token": token}).status_code
        for token in reversed(tokens)
    ]

    assert answers == [201, 404]
    assert auth.post("/auth/sessions", json=second.login).status_code == 201
    assert auth.post("/auth/sessions", json=first.login).status_code == 401


def test_a_link_ends_after_a_day(auth: Client, conn: Connection) -> None:
    token = signed_up(auth, conn, Person())
    conn.execute("UPDATE email_verifications SET expires_at = expires_at - interval '1 day'")

    answer = auth.post("/auth/email-verifications", json={"token": token})

    assert answer.status_code == 404


def test_the_table_holds_neither_token_nor_proof(auth: Client, conn: Connection) -> None:
    person = Person()
    token = signed_up(auth, conn, person)

    stored = str(conn.execute("SELECT * FROM email_verifications").fetchall())

    assert token not in stored
    assert person.registration["auth"] not in stored
    assert person.registration["recovery_auth"] not in stored


def changing(conn: Connection, person: Person, email: str) -> str:
    """Return the token with which *person* proves another address."""
    token = os.urandom(32)
    conn.execute(
        """INSERT INTO email_verifications (token_hash, email, user_id, expires_at)
           VALUES (sha256(%s), %s, %s, now() + interval '1 day')""",
        (token, email, person.user_id),
    )
    return b64(token)


def test_the_same_route_changes_an_address(auth: Client, conn: Connection) -> None:
    person = Person()
    auth.post("/auth/email-verifications", json={"token": signed_up(auth, conn, person)})
    token = changing(conn, person, "new@example.com")

    answer = auth.post("/auth/email-verifications", json={"token": token})
    again = auth.post("/auth/email-verifications", json={"token": token})

    assert (answer.status_code, answer.json) == (201, {"email": "new@example.com"})
    assert again.status_code == 404
    login = person.login | {"email": "new@example.com"}
    assert auth.post("/auth/sessions", json=login).status_code == 201
    assert "email.changed" in factories.actions(conn)


def test_an_address_that_got_an_account_meanwhile_is_not_taken_from_it(
    auth: Client, conn: Connection
) -> None:
    people = [Person(), Person()]
    for person in people:
        auth.post("/auth/email-verifications", json={"token": signed_up(auth, conn, person)})
    token = changing(conn, people[1], people[0].email)

    answer = auth.post("/auth/email-verifications", json={"token": token})

    assert answer.status_code == 404
    logins = [auth.post("/auth/sessions", json=person.login) for person in people]
    assert [login.status_code for login in logins] == [201, 201]


@pytest.mark.parametrize(
    "email", ["a,b@example.com", "a<b@example.com", '"a"@example.com', "a@example.com;b"]
)
def test_an_address_that_mail_cannot_be_sent_to_is_refused(auth: Client, email: str) -> None:
    answer = auth.post("/auth/accounts", json=Person(email=email).registration)

    assert (answer.status_code, list(answer.json["errors"])) == (422, ["email"])
