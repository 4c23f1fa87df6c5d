"""A refresh token works once; who uses it twice loses the session, whoever stole it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from falcon.testing import Result

from handlers.auth import routes
from shared import access_tokens, browsers
from shared.db import Connection
from shared.keyarc.encoding import unb64
from tests import factories, waiting
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import AsRole, OneTransaction

RACERS = 4  # as many as the pool has connections


def refresh(auth: Client, answer: Result) -> Result:
    body = {"refresh_token": answer.json["refresh_token"]}
    return auth.post("/auth/sessions/refresh", json=body)


def test_both_tokens_are_renewed(auth: Client) -> None:
    login = factories.logged_in(auth)

    response = refresh(auth, login)

    assert response.status_code == 200
    assert response.json.keys() == {"access_token", "refresh_token", "expires_in"}
    assert response.json["refresh_token"] != login.json["refresh_token"]
    access = access_tokens.verify_access([JWT_SECRET], response.json["access_token"])
    assert str(access.session_id) == login.json["session_id"]


def test_a_lost_answer_is_given_again(auth: Client, conn: Connection) -> None:
    """S09: within ten seconds, as long as nobody has used the successor."""
    login = factories.logged_in(auth)
    lost = refresh(auth, login)
    factories.aged(conn, login.json["session_id"], 9)

    again = refresh(auth, login)

    assert again.json["refresh_token"] == lost.json["refresh_token"]
    assert refresh(auth, again).status_code == 200


def test_a_token_used_again_later_ends_the_session(auth: Client, conn: Connection) -> None:
    """S09: replayed after eleven seconds, it ends the whole family."""
    login = factories.logged_in(auth)
    successor = refresh(auth, login)
    factories.aged(conn, login.json["session_id"], 11)

    again = refresh(auth, login)

    assert (again.status_code, again.json["type"]) == (401, "/problems/session-ended")
    assert refresh(auth, successor).status_code == 401
    assert factories.actions(conn)[-1] == "session.reused"


def test_a_token_whose_successor_was_used_ends_the_session_at_once(
    auth: Client, conn: Connection
) -> None:
    """S09: then no answer was lost."""
    login = factories.logged_in(auth)
    newest = refresh(auth, refresh(auth, login))

    again = refresh(auth, login)

    assert again.status_code == 401
    assert refresh(auth, newest).status_code == 401
    assert factories.actions(conn)[-1] == "session.reused"


def test_only_the_session_of_the_token_ends(auth: Client, conn: Connection) -> None:
    person = factories.signed_up(auth)
    here, there = factories.logged_in(auth, person), factories.logged_in(auth, person)
    refresh(auth, here)
    factories.aged(conn, here.json["session_id"], 11)

    refresh(auth, here)

    assert refresh(auth, there).status_code == 200


def test_an_end_that_cannot_be_audited_is_told_and_not_made(auth: Client, conn: Connection) -> None:
    login = factories.logged_in(auth)
    successor = refresh(auth, login)
    factories.aged(conn, login.json["session_id"], 11)
    conn.execute("ALTER TABLE audit_log RENAME TO audit_log_elsewhere")

    again = refresh(auth, login)

    assert again.status_code == 503
    assert refresh(auth, successor).status_code == 200


def test_a_client_stays_signed_in_while_it_comes_back_within_30_days(
    auth: Client, conn: Connection
) -> None:
    login = factories.logged_in(auth)
    session_id = login.json["session_id"]

    for _ in range(3):
        factories.aged(conn, session_id, 30 * 86_400 - 60)
        login = refresh(auth, login)
        assert login.status_code == 200
    factories.aged(conn, session_id, 30 * 86_400 + 1)

    assert refresh(auth, login).json["type"] == "/problems/session-ended"


def test_only_hashes_of_tokens_are_stored(auth: Client, conn: Connection) -> None:
    login = factories.logged_in(auth)
    tokens = [login.json["refresh_token"], refresh(auth, login).json["refresh_token"]]

    stored = conn.execute("SELECT token_hash FROM refresh_tokens").fetchall()

    assert len(stored) == 2
    assert not {unb64(token) for token in tokens} & {token for (token,) in stored}


def test_a_new_secret_of_the_server_ends_no_session(auth: Client, conn: Connection) -> None:
    login = factories.logged_in(auth)
    lost = refresh(auth, login)
    pool = OneTransaction(conn, "keyarc_auth")
    secrets = ("another secret of the tests, long enough", JWT_SECRET)
    rotated = Client(routes.create_app(pool, secrets, browsers.Origins(ORIGIN)))

    again = refresh(rotated, login)

    assert again.json["refresh_token"] == lost.json["refresh_token"]
    assert refresh(rotated, again).status_code == 200


@pytest.mark.parametrize("token", [None, 7, "", "A" * 42, "A" * 44, "A" * 42 + "B", "A" * 100_000])
def test_what_is_no_token_is_refused(auth: Client, token: Any) -> None:
    response = auth.post("/auth/sessions/refresh", json={"refresh_token": token})

    assert (response.status_code, list(response.json["errors"])) == (422, ["refresh_token"])


def test_a_token_that_nobody_was_given_is_refused(auth: Client) -> None:
    response = auth.post("/auth/sessions/refresh", json={"refresh_token": "A" * 43})

    assert (response.status_code, response.json["type"]) == (401, "/problems/session-ended")


def test_a_client_sends_its_token(auth: Client) -> None:
    response = auth.post("/auth/sessions/refresh", json={})

    assert (response.status_code, list(response.json["errors"])) == (422, ["refresh_token"])


@pytest.fixture
def racing(database: str) -> Iterator[Client]:
    """A client of an app with connections of its own: each request is a real transaction."""
    with psycopg.connect(database, autocommit=True) as conn:
        pool = AsRole(database, "keyarc_auth")
        yield Client(routes.create_app(pool, (JWT_SECRET,), browsers.Origins(ORIGIN)))
        pool.close()
        conn.execute("TRUNCATE users, audit_log CASCADE")


def test_of_requests_at_once_each_gets_the_same_successor(database: str, racing: Client) -> None:
    """S09: a page with two tabs is no thief."""
    login = factories.logged_in(racing)

    answers = _at_once(database, racing, login)

    assert [answer.status_code for answer in answers] == [200] * RACERS
    assert len({answer.json["refresh_token"] for answer in answers}) == 1


def test_a_race_with_a_thief_leaves_nobody_signed_in(database: str, racing: Client) -> None:
    """S09: whoever was faster."""
    login = factories.logged_in(racing)
    newest = refresh(racing, login)
    with psycopg.connect(database) as conn:
        factories.aged(conn, login.json["session_id"], 11)

    answers = _at_once(database, racing, login)

    assert [answer.status_code for answer in answers] == [401] * RACERS
    assert refresh(racing, newest).status_code == 401
    with psycopg.connect(database) as conn:
        assert factories.actions(conn).count("session.reused") == 1


def _at_once(database: str, auth: Client, login: Result) -> list[Result]:
    """Refresh by one token several times, all of them started before the first goes on."""
    with ThreadPoolExecutor(RACERS) as executor, psycopg.connect(database) as holder:
        holder.execute("SELECT 1 FROM refresh_tokens FOR UPDATE")
        answers = [executor.submit(refresh, auth, login) for _ in range(RACERS)]
        waiting.until_locked_out(database, RACERS)
        holder.rollback()
        return [answer.result() for answer in answers]
