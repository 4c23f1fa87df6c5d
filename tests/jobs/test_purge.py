"""What is over goes; what tells a thief from its owner stays."""

from collections.abc import Iterator, Mapping
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from handlers.auth import routes
from handlers.jobs import purge, run
from shared import browsers, db
from shared.db import Connection
from tests import factories
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.installations import Installation

DAY_S = 86_400
EXPIRING: dict[str, LiteralString] = {
    "challenges": """
        INSERT INTO challenges (challenge_hash, purpose, expires_at)
        VALUES (sha256(uuid_send(gen_random_uuid())), 'passkey', now() + %(then)s::interval)""",
    "device_requests": """
        INSERT INTO device_requests
               (request_id, secret_hash, public_key, device, address, expires_at)
        VALUES (gen_random_uuid(), sha256(''), decode(repeat('00', 1216), 'hex'), 'a phone', '',
                now() + %(then)s::interval)""",
    "email_verifications": """
        INSERT INTO email_verifications (token_hash, email, account, expires_at)
        VALUES (sha256(uuid_send(gen_random_uuid())), 'a@example.com', '{}',
                now() + %(then)s::interval)""",
    "limits": """
        INSERT INTO limits (subject_hash, attempts, counted_at, blocked_until)
        VALUES (sha256(uuid_send(gen_random_uuid())), 1, now() + %(then)s::interval, now())""",
    "links": """
        WITH person AS (
            INSERT INTO users (user_id, email, suite, salt)
            VALUES (gen_random_uuid(), gen_random_uuid() || '@example.com', 1,
                    decode(repeat('00', 16), 'hex'))
            RETURNING user_id)
        INSERT INTO links (link_id, user_id, reads_left, created_at, expires_at)
        SELECT gen_random_uuid(), user_id, 0, now() - interval '29 days', now() + %(then)s::interval
          FROM person""",
    "mails": """
        INSERT INTO mails (subject, body, created_at)
        VALUES ('Hello', 'Hello', now() + %(then)s::interval)""",
    "recoveries": """
        INSERT INTO recoveries (token_hash, device, address, ready_at, expires_at)
        VALUES (sha256(uuid_send(gen_random_uuid())), 'a phone', '', now(),
                now() + %(then)s::interval)""",
}


@pytest.fixture
def auth(installation: Installation) -> Iterator[Client]:
    """The auth service over the installation's database."""
    pool = db.open_pool(installation.url)
    yield Client(routes.create_app(pool, (JWT_SECRET,), browsers.Origins(ORIGIN)))
    pool.close()


@pytest.fixture
def conn(installation: Installation) -> Iterator[Connection]:
    """A connection to the installation's database."""
    with psycopg.connect(installation.url, autocommit=True) as conn:
        yield conn


def sessions(conn: Connection) -> set[str]:
    return {str(session_id) for (session_id,) in conn.execute("SELECT session_id FROM sessions")}


def renew(auth: Client, refresh_token: str) -> str | None:
    """Spend a token; return the next one, or None where that is refused."""
    answer = auth.post("/auth/sessions/refresh", json={"refresh_token": refresh_token})
    return answer.json["refresh_token"] if answer.status_code == 200 else None


def removed(result: Mapping[str, int]) -> dict[str, int]:
    """Return what a purge removed something of."""
    return {name: number for name, number in result.items() if number}


def test_a_session_goes_when_it_has_been_over_for_a_week(
    installation: Installation, auth: Client, conn: Connection
) -> None:
    alive, expired, just_expired, ended = (
        factories.logged_in(auth).json["session_id"] for _ in range(4)
    )
    factories.aged(conn, expired, 38 * DAY_S)
    factories.aged(conn, just_expired, 31 * DAY_S)
    conn.execute(
        "UPDATE sessions SET ended_at = now() - interval '8 days' WHERE session_id = %s", (ended,)
    )

    result = run.run("purge", installation.url)

    assert removed(result) == {"sessions": 2}
    assert sessions(conn) == {alive, just_expired}
    tokens = conn.execute("SELECT count(*) FROM refresh_tokens").fetchone()
    assert tokens == (2,)


def test_a_stolen_token_is_still_known_after_a_purge(
    installation: Installation, auth: Client, conn: Connection
) -> None:
    login = factories.logged_in(auth).json
    following = renew(auth, login["refresh_token"])
    conn.execute("UPDATE refresh_tokens SET used_at = used_at - interval '89 days'")

    run.run("purge", installation.url)

    assert following
    assert renew(auth, login["refresh_token"]) is None
    assert renew(auth, following) is None
    assert factories.actions(conn)[-1] == "session.reused"


def test_a_token_that_was_used_90_days_ago_goes_and_its_session_stays(
    installation: Installation, auth: Client, conn: Connection
) -> None:
    login = factories.logged_in(auth).json
    following = renew(auth, login["refresh_token"])
    conn.execute("UPDATE refresh_tokens SET used_at = used_at - interval '91 days'")

    result = run.run("purge", installation.url)

    assert removed(result) == {"refresh_tokens": 1}
    assert following
    assert renew(auth, following)


def test_much_goes_in_batches_and_all_of_it(installation: Installation, conn: Connection) -> None:
    conn.execute(
        """WITH person AS (
               INSERT INTO users (user_id, email, suite, salt)
               VALUES (gen_random_uuid(), 'a@example.com', 1, decode(repeat('00', 16), 'hex'))
               RETURNING user_id)
           INSERT INTO sessions (session_id, user_id, device, browser, address, expires_at,
                                 ends_at)
           SELECT gen_random_uuid(), user_id, 'a laptop', false, '192.0.2.7',
                  now() - interval '1 year', now()
             FROM person, generate_series(1, %s)""",
        (2 * purge.BATCH + 1,),
    )

    result = run.run("purge", installation.url)

    assert result["sessions"] == 2 * purge.BATCH + 1
    assert sessions(conn) == set()


def test_what_has_expired_goes_and_what_has_not_stays(
    installation: Installation, conn: Connection
) -> None:
    for then in ("-31 days", "1 hour"):
        for statement in EXPIRING.values():
            conn.execute(statement, {"then": then})

    result = run.run("purge", installation.url)

    left = {
        table: conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        for table in EXPIRING
    }
    assert removed(result) == dict.fromkeys(EXPIRING, 1)
    assert {table: rows.fetchone() for table, rows in left.items()} == dict.fromkeys(EXPIRING, (1,))
