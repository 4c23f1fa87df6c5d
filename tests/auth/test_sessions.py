"""Logging in and out."""

from uuid import UUID

import pytest

from shared import access_tokens
from shared.db import Connection
from shared.keyarc.account_keys import Identity, unwrap_user_key
from shared.keyarc.encoding import b64, unb64
from shared.keyarc.kdf import derive_kek
from shared.keyarc.keyring import Keyring
from tests import factories
from tests.clients import JWT_SECRET, Client
from tests.factories import Person


def test_who_proves_the_password_receives_what_it_opens(auth: Client) -> None:
    person = factories.signed_up(auth)

    login = factories.logged_in(auth, person).json

    kek = derive_kek(person.master_key)
    sealed = unb64(login["user_key"])
    user_key = unwrap_user_key(sealed, kek, factories.BY_PASSWORD, person.user_id, 1)
    opened = Identity.open(user_key, unb64(login["identity"]), person.user_id, 1, 1)
    keyring = login["keyring"]
    assert opened.idcert().raw == unb64(login["idcert"])
    assert Keyring.open(user_key, person.user_id, 1, unb64(keyring["blob"])) == Keyring()
    assert (login["suite"], login["keyset"], keyring["revision"]) == (1, "1", "1")
    assert (login["user_id"], login["salt"]) == (str(person.user_id), b64(person.salt))
    assert login["expires_in"] == 600


def test_the_access_token_is_of_this_session(auth: Client) -> None:
    login = factories.logged_in(auth).json

    access = access_tokens.verify_access([JWT_SECRET], login["access_token"])

    assert access.user_id == UUID(login["user_id"])
    assert access.session_id == UUID(login["session_id"])


def test_no_wrapped_key_leaves_before_the_proof(auth: Client, conn: Connection) -> None:
    person = factories.signed_up(auth)
    wrong = person.login | {"auth": b64(bytes(32))}

    response = auth.post("/auth/sessions", json=wrong)

    assert (response.status_code, response.json) == (
        401,
        {"type": "/problems/wrong-credentials", "title": "Unauthorized", "status": 401},
    )
    assert factories.actions(conn) == ["account.created", "session.refused"]


def test_an_unknown_address_is_refused_like_a_wrong_proof(auth: Client) -> None:
    person = factories.signed_up(auth)

    wrong = auth.post("/auth/sessions", json=person.login | {"auth": b64(bytes(32))})
    unknown = auth.post("/auth/sessions", json=Person().login)

    assert unknown.status_code == wrong.status_code
    assert unknown.content == wrong.content
    ids = {"x-request-id": ""}
    assert {**unknown.headers, **ids} == {**wrong.headers, **ids}


def test_the_proof_of_the_recovery_code_does_not_log_in(auth: Client) -> None:
    person = factories.signed_up(auth)
    body = person.login | {"auth": person.registration["recovery_auth"]}

    assert auth.post("/auth/sessions", json=body).status_code == 401


def test_the_audit_log_knows_who_came_from_where(auth: Client, conn: Connection) -> None:
    login = factories.logged_in(auth).json

    row = conn.execute(
        "SELECT user_id, session_id, address FROM audit_log WHERE action = 'session.started'"
    ).fetchone()

    assert row == (UUID(login["user_id"]), UUID(login["session_id"]), "192.0.2.7")


def test_a_login_that_cannot_be_audited_is_none(auth: Client, conn: Connection) -> None:
    person = factories.signed_up(auth)
    conn.execute("ALTER TABLE audit_log RENAME TO audit_log_elsewhere")

    response = auth.post("/auth/sessions", json=person.login)

    assert response.status_code == 503
    assert conn.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_logging_out_ends_the_session_at_once(auth: Client, conn: Connection) -> None:
    login = factories.logged_in(auth)
    here = auth.as_(factories.actor(login))

    assert here.delete("/auth/sessions/current").status_code == 204

    again = auth.post("/auth/sessions/refresh", json={"refresh_token": login.json["refresh_token"]})
    assert again.json["type"] == "/problems/session-ended"
    assert conn.execute("SELECT count(*) FROM live_sessions").fetchone() == (0,)
    assert factories.actions(conn)[-1] == "session.ended"


def test_logging_out_leaves_the_other_sessions(auth: Client, conn: Connection) -> None:
    person = factories.signed_up(auth)
    here, there = factories.logged_in(auth, person), factories.logged_in(auth, person)

    auth.as_(factories.actor(here)).delete("/auth/sessions/current")

    live = conn.execute("SELECT session_id FROM live_sessions").fetchall()
    assert live == [(UUID(there.json["session_id"]),)]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x", "Basic eDp4", "Bearer eyJhbGciOiJub25lIn0.e30."]
)
def test_a_stranger_ends_no_session(auth: Client, authorization: str) -> None:
    response = auth.delete("/auth/sessions/current", headers={"Authorization": authorization})

    assert (response.status_code, response.json["type"]) == (401, "/problems/not-signed-in")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("auth", "AAAA"),
        ("auth", 7),
        ("device", ""),
        ("device", "a\nb"),
        ("device", "a" * 201),
        ("device", None),
        ("email", "nobody"),
    ],
)
def test_a_login_of_another_shape_is_refused(auth: Client, name: str, wrong: object) -> None:
    response = auth.post("/auth/sessions", json=Person().login | {name: wrong})

    assert (response.status_code, list(response.json["errors"])) == (422, [name])
