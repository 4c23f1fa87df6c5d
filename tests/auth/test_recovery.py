"""The way back by recovery code: it waits, it is told, and it ends what was before."""

import os
from dataclasses import replace

import pytest

from shared.db import Connection
from shared.keyarc import kdf
from shared.keyarc.encoding import b64
from tests import factories, recoveries
from tests.clients import Client
from tests.factories import FROM_PAGE, Person, signed_up
from tests.recoveries import Recovering

DAY = 86_400


@pytest.fixture
def at_once(conn: Connection) -> Client:
    """Auth, where a recovery need not wait."""
    return recoveries.service(conn)


@pytest.fixture
def released(at_once: Client) -> Recovering:
    """Someone who has just received the sealed keys."""
    recovering = Recovering(at_once, signed_up(at_once))
    recovering.begin()
    assert recovering.keys().status_code == 200
    return recovering


def with_new_keys(recovering: Recovering) -> Person:
    return replace(recovering.person, master_key=recovering.master_key)


def test_the_recovery_code_opens_the_way_to_new_keys(released: Recovering) -> None:
    person, auth = released.person, released.auth

    draft = released.draft()

    session = released.finish(**draft)

    assert session.status_code == 201
    sealed = ("keyset", "salt", "user_key", "identity")
    assert {name: session.json[name] for name in sealed} == {name: draft[name] for name in sealed}
    assert auth.post("/auth/sessions", json=person.login).status_code == 401
    assert auth.post("/auth/sessions", json=with_new_keys(released).login).status_code == 201
    assert recoveries.begin(auth, person.email, released.proof).status_code == 401
    new_proof = kdf.derive_auth(released.recovery_key)
    assert recoveries.begin(auth, person.email, new_proof).status_code == 202


def test_the_sealed_keys_are_those_of_the_sign_up(at_once: Client) -> None:
    person = signed_up(at_once)
    recovering = Recovering(at_once, person)
    recovering.begin()

    keys = recovering.keys().json

    sealed = ("recovery_user_key", "identity", "idcert")
    assert {name: keys[name] for name in sealed} == {
        name: person.registration[name] for name in sealed
    }
    assert keys["keyring"] == {"revision": "1", "blob": person.registration["keyring"]}
    assert (keys["user_id"], keys["keyset"], keys["recovery_keyset"]) == (
        str(person.user_id),
        "1",
        "1",
    )


def test_a_wrong_code_and_an_unknown_address_receive_the_same_bytes(
    auth: Client, conn: Connection
) -> None:
    person = signed_up(auth)

    wrong = recoveries.begin(auth, person.email, os.urandom(32))
    unknown = recoveries.begin(auth, "nobody@example.com", os.urandom(32))

    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert wrong.json["type"] == "/problems/wrong-credentials"
    assert conn.execute("SELECT count(*) FROM recoveries").fetchone() == (0,)
    assert factories.actions(conn)[-2:] == ["recovery.refused"] * 2


def test_nothing_is_handed_out_before_the_delay_is_over(auth: Client, conn: Connection) -> None:
    """M38: a day in which the owner can stop it, whoever has the code."""
    recovering = Recovering(auth, signed_up(auth))
    begun = recovering.begin()

    waiting = recovering.keys()
    recoveries.later(conn, DAY - 60)
    nearly = recovering.keys()
    recoveries.later(conn, 60)
    after = recovering.keys()

    assert begun.json["ready_in"] == DAY
    assert begun.json["expires_in"] == 8 * DAY
    assert waiting.status_code == 409
    assert waiting.json["type"] == "/problems/recovery-waiting"
    assert DAY - 60 < waiting.json["ready_in"] <= DAY
    assert int(waiting.headers["Retry-After"]) == waiting.json["ready_in"]
    assert 0 < nearly.json["ready_in"] <= 60
    assert after.status_code == 200


def test_beginning_again_keeps_the_delay_and_ends_the_first_token(
    auth: Client, conn: Connection
) -> None:
    first = Recovering(auth, signed_up(auth))
    first.begin()
    recoveries.later(conn, DAY / 2)
    again = Recovering(auth, first.person)

    begun = again.begin()

    assert DAY / 2 - 60 < begun.json["ready_in"] <= DAY / 2
    assert first.keys().json["type"] == "/problems/challenge-ended"
    assert again.keys().status_code == 409


def test_who_begins_again_proves_everything_again(released: Recovering) -> None:
    """M38: that the owner received the keys is of no use to somebody who has only the code."""
    thief = Recovering(released.auth, released.person)
    thief.begin()

    refused = thief.finish()

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/proof-needed")


def test_a_recovery_is_over_a_week_after_its_delay(auth: Client, conn: Connection) -> None:
    recovering = Recovering(auth, signed_up(auth))
    recovering.begin()
    recoveries.later(conn, 8 * DAY + 1)

    assert recovering.keys().json["type"] == "/problems/challenge-ended"
    assert recovering.begin().json["ready_in"] == DAY


def test_new_keys_are_taken_only_from_who_received_the_old_ones(at_once: Client) -> None:
    recovering = Recovering(at_once, signed_up(at_once))
    recovering.begin()

    refused = recovering.finish()

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/proof-needed")
    assert at_once.post("/auth/sessions", json=recovering.person.login).status_code == 201


def test_a_recovery_is_finished_once(released: Recovering) -> None:
    draft = released.draft()
    assert released.finish(**draft).status_code == 201

    replayed = released.finish(**draft)

    assert replayed.json["type"] == "/problems/challenge-ended"
    assert released.keys().json["type"] == "/problems/challenge-ended"


@pytest.mark.parametrize("keyset", [1, 3])
def test_new_keys_follow_those_that_hold(released: Recovering, keyset: int) -> None:
    refused = released.finish(**released.draft(keyset))

    assert (refused.status_code, refused.json["keyset"]) == (409, "1")
    assert refused.json["type"] == "/problems/stale-keyset"
    assert released.finish().status_code == 201


@pytest.mark.parametrize("step", ["keys", "finish"])
def test_the_token_alone_is_worth_nothing(released: Recovering, step: str) -> None:
    """M38: whoever reads the token on a device or on the way still needs the code."""
    path = f"/auth/recovery/{step}"
    body = released.proofs if step == "keys" else released.draft()

    refused = released.auth.post(path, json=body | {"recovery_auth": b64(os.urandom(32))})

    assert (refused.status_code, refused.json["type"]) == (401, "/problems/wrong-credentials")


def test_everything_that_was_begun_before_ends(conn: Connection, released: Recovering) -> None:
    person, auth = released.person, released.auth
    before = factories.logged_in(auth, person).json
    auth.post(
        "/auth/device-requests",
        json={"email": person.email, "public_key": b64(bytes(1216)), "device": "a phone"},
    )

    conn.execute(
        """INSERT INTO email_verifications (token_hash, email, user_id, expires_at)
           VALUES (sha256('a link'), 'thief@example.com', %s, now() + interval '1 day')""",
        [person.user_id],
    )

    released.finish()

    refreshed = auth.post("/auth/sessions/refresh", json={"refresh_token": before["refresh_token"]})
    assert refreshed.json["type"] == "/problems/session-ended"
    for table in ("recoveries", "device_requests", "challenges", "email_verifications"):
        rows = conn.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        assert rows == (0,), table
    living = conn.execute("SELECT count(*) FROM live_sessions").fetchone()
    assert living == (1,)
    assert factories.actions(conn)[-2:] == ["recovery.finished", "session.started"]


def test_the_page_gets_its_session_as_cookies(released: Recovering) -> None:
    session = released.auth.post("/auth/recovery/finish", json=released.draft(), headers=FROM_PAGE)

    assert session.status_code == 201
    assert "access_token" not in session.json
    assert "__Host-keyarc-access" in session.cookies


def test_guessing_recovery_codes_gets_slow(auth: Client) -> None:
    email = signed_up(auth).email

    statuses = [recoveries.begin(auth, email, os.urandom(32)).status_code for _ in range(8)]

    assert statuses[:5] == [401] * 5
    assert statuses[-1] == 429
