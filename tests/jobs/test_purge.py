"""What is over goes; what tells a thief from its owner stays."""

from collections.abc import Iterator

import psycopg
import pytest

from handlers.auth import routes
from handlers.jobs import purge, run
from shared import browsers, db
from shared.db import Connection
from tests import factories
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.installations import Installation

DAY_S = 86_400


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

    assert result == {"sessions": 2, "refresh_tokens": 0}
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

    assert result == {"sessions": 0, "refresh_tokens": 1}
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
