"""Another address: at once where there is no mail, by the link in a letter where there is."""

import pytest

from handlers.account import routes
from shared import mail
from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import factories, mail_relay, recoveries
from tests.clients import Client
from tests.conftest import verifier
from tests.databases import OneTransaction
from tests.factories import Person
from tests.rows import nothing_stored
from tests.second_factors import Guarded

NEW = "another@example.com"
VERIFY = "/auth/email-verifications"


@pytest.fixture
def mailed(conn: Connection, person: Guarded) -> Guarded:
    """The person, where the account service has mail that waits where it is written."""
    pool = OneTransaction(conn, "keyarc_account")
    post = mail.Post(mail_relay.NOWHERE)
    person.account = Client(routes.create_app(pool, verifier("account"), post))
    person.account.audience = "account"
    return person


def change(person: Guarded, email: str) -> tuple[int, object]:
    """Ask for another address, after a fresh proof."""
    person.prove()
    response = person.ask("PUT", "email", json={"email": email})
    return response.status_code, response.json


def test_without_mail_the_address_is_another_at_once(person: Guarded) -> None:
    assert change(person, " Another@Example.com ") == (200, {"email": NEW})

    assert person.ask("GET", "profile").json["email"] == NEW
    assert person.log_in().status_code == 401
    login = {**person.person.login, "email": NEW}
    assert person.auth.post("/auth/sessions", json=login).status_code == 201


def test_without_mail_an_address_that_is_taken_stays_whose_it_is(
    person: Guarded, conn: Connection, auth: Client
) -> None:
    taken = factories.signed_up(auth).email
    person.prove()

    with nothing_stored(conn):
        response = person.ask("PUT", "email", json={"email": taken})

    assert (response.status_code, response.json["type"]) == (409, "/problems/account-exists")


def test_with_mail_the_link_makes_it_another(mailed: Guarded, conn: Connection) -> None:
    old = mailed.person.email

    assert change(mailed, NEW) == (202, {})

    assert mailed.ask("GET", "profile").json["email"] == old
    (first, _, link), (second, subject, notice) = mail_relay.letters(conn)[-2:]
    assert (first, second) == (NEW, old)
    assert "another e-mail address" in subject
    assert NEW not in notice
    verified = mailed.auth.post(VERIFY, json={"token": mail_relay.token(link)})
    assert (verified.status_code, verified.json) == (201, {"email": NEW})
    assert mailed.ask("GET", "profile").json["email"] == NEW
    assert mailed.auth.post(VERIFY, json={"token": mail_relay.token(link)}).status_code == 404
    assert factories.actions(conn)[-2:] == ["email.change_begun", "email.changed"]


def test_with_mail_nobody_is_told_which_addresses_have_accounts(
    mailed: Guarded, conn: Connection, auth: Client
) -> None:
    """S06: only the owner of the address is told, and no link of theirs changes anything."""
    taken = factories.signed_up(auth).email

    assert change(mailed, taken) == change(mailed, NEW) == (202, {})

    letters = [(to, subject) for to, subject, _ in mail_relay.letters(conn)[-4:]]
    assert letters[0] == (taken, "You already have a KeyArc account")
    assert letters[2] == (NEW, "Confirm your new e-mail address for KeyArc")


def test_an_address_that_got_an_account_meanwhile_is_not_taken(
    mailed: Guarded, conn: Connection
) -> None:
    change(mailed, NEW)
    token = mail_relay.token(mail_relay.letters(conn)[-2][2])
    sign_up = Person(email=NEW).registration
    assert mailed.auth.post("/auth/accounts", json=sign_up).status_code == 201

    with nothing_stored(conn):
        assert mailed.auth.post(VERIFY, json={"token": token}).status_code == 404


def test_an_older_link_is_worth_nothing_after_another_change(
    mailed: Guarded, conn: Connection
) -> None:
    change(mailed, NEW)
    token = mail_relay.token(mail_relay.letters(conn)[-2][2])
    change(mailed, "a-third@example.com")

    assert mailed.auth.post(VERIFY, json={"token": token}).status_code == 404


def test_what_was_begun_by_the_old_address_ends_with_it(mailed: Guarded, conn: Connection) -> None:
    """S10: a recovery and a device that ask since the link was sent."""
    change(mailed, NEW)
    token = mail_relay.token(mail_relay.letters(conn)[-2][2])
    recovering = recoveries.Recovering(recoveries.service(conn), mailed.person)
    recovering.begin()
    asking = {"email": mailed.person.email, "public_key": b64(bytes(1216)), "device": "a phone"}
    mailed.auth.post("/auth/device-requests", json=asking)

    assert mailed.auth.post(VERIFY, json={"token": token}).status_code == 201

    assert recovering.keys().json["type"] == "/problems/challenge-ended"
    assert mailed.ask("GET", "device-requests").json["items"] == []
    assert mailed.ask("GET", "profile").json["recovery"] is None


def test_nobody_writes_to_many_addresses_by_this(mailed: Guarded) -> None:
    answers = [change(mailed, f"{number}@example.com")[0] for number in range(7)]

    assert answers == [202] * 5 + [429] * 2


def test_mail_is_not_promised_to_where_none_goes(mailed: Guarded, conn: Connection) -> None:
    mailed.prove()

    with nothing_stored(conn):
        response = mailed.ask("PUT", "email", json={"email": "some(body@example.com"})

    assert (response.status_code, list(response.json["errors"])) == (422, ["email"])
