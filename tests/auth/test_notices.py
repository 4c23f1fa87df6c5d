"""Where there is mail, people hear of logins and of changes of their second factors."""

import pytest

from handlers.account import routes as account_routes
from handlers.auth import routes as auth_routes
from shared import browsers, mail
from shared.db import Connection
from tests import factories, mail_relay, second_factors
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.conftest import verifier
from tests.databases import OneTransaction
from tests.second_factors import Guarded


@pytest.fixture
def guarded(conn: Connection, auth: Client) -> Guarded:
    """Somebody with an account of yesterday, and services with mail."""
    post, person = mail.Post(mail_relay.NOWHERE), factories.signed_up(auth)
    conn.execute("UPDATE users SET created_at = created_at - interval '1 day'")
    pool, origins = OneTransaction(conn, "keyarc_auth"), browsers.Origins(ORIGIN)
    mailing = Client(auth_routes.create_app(pool, (JWT_SECRET,), origins, post))
    there = OneTransaction(conn, "keyarc_account")
    account = Client(account_routes.create_app(there, verifier("account"), post))
    account.audience = "account"
    actor = factories.actor(factories.logged_in(auth, person))
    return Guarded(mailing, account, person, actor)


def test_a_login_by_a_new_device_is_told(guarded: Guarded, conn: Connection) -> None:
    assert _log_in(guarded, "a <b>phone</b>") == 201

    ((recipient, subject, body),) = mail_relay.letters(conn)
    assert (recipient, subject) == (guarded.person.email, "New login to your KeyArc account")
    assert "Device: a b phone b" in body
    assert "Network: 192.0.2.7" in body


def test_a_login_by_a_known_device_is_not_told(guarded: Guarded, conn: Connection) -> None:
    assert _log_in(guarded, "a laptop") == 201

    assert mail_relay.letters(conn) == []


def test_the_login_that_follows_the_sign_up_is_not_told(
    guarded: Guarded, conn: Connection, auth: Client
) -> None:
    new = factories.signed_up(auth)

    assert guarded.auth.post("/auth/sessions", json=new.login).status_code == 201

    assert mail_relay.letters(conn) == []


def test_a_login_is_told_once_it_is_one(guarded: Guarded, conn: Connection) -> None:
    guarded.add_totp(second_factors.now(conn))
    before = len(mail_relay.letters(conn))
    body = guarded.person.login | {"device": "a phone"}
    challenge = guarded.auth.post("/auth/sessions", json=body).json["challenge"]
    assert guarded.answer("000000", challenge).status_code == 401
    assert len(mail_relay.letters(conn)) == before

    assert guarded.answer(guarded.backup_codes[0], challenge).status_code == 201

    assert len(mail_relay.letters(conn)) == before + 1


def test_changes_of_second_factors_are_told(guarded: Guarded, conn: Connection) -> None:
    guarded.add_totp(second_factors.now(conn))
    guarded.add_passkey()
    guarded.prove()
    guarded.ask("POST", "backup-codes")

    letters = mail_relay.letters(conn)

    assert [subject for _, subject, _ in letters] == ["A change of your KeyArc account"] * 3
    assert all("the second factors of your KeyArc account" in body for _, _, body in letters)
    assert {recipient for recipient, _, _ in letters} == {guarded.person.email}


def _log_in(guarded: Guarded, device: str) -> int:
    body = guarded.person.login | {"device": device}
    return guarded.auth.post("/auth/sessions", json=body).status_code
