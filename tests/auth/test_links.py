"""One-time links as whoever has one opens them, without an account."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import psycopg
import pytest

from handlers.auth import routes
from shared import browsers
from shared.db import Connection
from shared.keyarc.encoding import ObjectType, b64
from tests import vaults
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import AsRole
from tests.rows import nothing_stored

GONE = {"type": "/problems/not-found", "title": "Not Found", "status": 404}
BLOB = vaults.blob(ObjectType.ONE_TIME_LINK)


def kept(conn: Connection, reads: int = 1) -> tuple[UUID, UUID]:
    """Keep a link for a day; return its id, and whose it is."""
    link_id, maker = uuid4(), vaults.person(conn)
    conn.execute(
        """INSERT INTO links (link_id, user_id, blob, reads_left, expires_at)
           VALUES (%s, %s, %s, %s, now() + interval '1 day')""",
        (link_id, maker.user_id, BLOB, reads),
    )
    return link_id, maker.user_id


def test_a_look_takes_nothing_and_the_last_read_burns(conn: Connection, auth: Client) -> None:
    link_id, maker = kept(conn, reads=2)
    path = f"/auth/links/{link_id}"

    looks = [auth.get(path).json["reads_left"] for _ in range(3)]
    reads = [auth.post(path).json for _ in range(3)]

    assert looks == [2, 2, 2]
    assert reads == [
        {"blob": b64(BLOB), "reads_left": 1},
        {"blob": b64(BLOB), "reads_left": 0},
        GONE,
    ]
    assert auth.get(path).json == GONE
    left = conn.execute("SELECT blob, reads_left, last_read_at = now() FROM links").fetchone()
    assert left == (None, 0, True)
    told = conn.execute("SELECT action, user_id, object_ids, session_id FROM audit_log").fetchall()
    assert told == [("link.opened", maker, [link_id], None)] * 2


def test_burnt_over_removed_and_unknown_are_the_same(conn: Connection, auth: Client) -> None:
    burnt, over, removed = (kept(conn)[0] for _ in range(3))
    auth.post(f"/auth/links/{burnt}")
    conn.execute("UPDATE links SET expires_at = now() WHERE link_id = %s", (over,))
    conn.execute("DELETE FROM links WHERE link_id = %s", (removed,))

    with nothing_stored(conn):
        answers = {
            ask(f"/auth/links/{link_id}").content
            for link_id in (burnt, over, removed, uuid4())
            for ask in (auth.get, auth.post)
        }

    assert len(answers) == 1


def test_a_link_goes_with_the_account_of_its_maker(conn: Connection, auth: Client) -> None:
    link_id, maker = kept(conn)
    conn.execute("SELECT delete_account(%s, gen_random_uuid())", (maker,))

    assert auth.post(f"/auth/links/{link_id}").json == GONE
    assert conn.execute("SELECT count(*) FROM links").fetchone() == (0,)


@pytest.fixture
def everywhere(database: str) -> Iterator[Client]:
    """The auth service, with as many connections as it likes, and what it does stays done."""
    pool = AsRole(database, "keyarc_auth")
    yield Client(routes.create_app(pool, (JWT_SECRET,), browsers.Origins(ORIGIN)))
    pool.close()


def test_of_many_who_read_at_once_one_gets_the_last_read(database: str, everywhere: Client) -> None:
    with psycopg.connect(database) as conn:
        link_id, maker = kept(conn, reads=3)

    with ThreadPoolExecutor(8) as executor:
        asked = [executor.submit(everywhere.post, f"/auth/links/{link_id}") for _ in range(8)]
        answers = [each.result() for each in asked]

    read = [answer.json["reads_left"] for answer in answers if answer.status_code == 200]
    assert sorted(read) == [0, 1, 2]
    assert [answer.json for answer in answers if answer.status_code != 200] == [GONE] * 5
    with psycopg.connect(database) as conn:
        conn.execute("DELETE FROM audit_log WHERE user_id = %s", (maker,))
        conn.execute("DELETE FROM users WHERE user_id = %s", (maker,))


def test_who_asks_for_very_many_waits(auth: Client) -> None:
    there = {"X-KeyArc-Client-IP": "198.51.100.7"}

    statuses = [auth.get(f"/auth/links/{uuid4()}", headers=there).status_code for _ in range(62)]

    assert statuses[0] == 404
    assert statuses[-1] == 429
