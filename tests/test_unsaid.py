"""S13: what cannot be said in the audit log is not done: no route of any service does it."""

import pytest
from falcon.testing import Result

from machines import openapi
from shared.db import Connection
from tests import worlds
from tests.clients import Client
from tests.deeds import DEEDS
from tests.rows import nothing_stored
from tests.worlds import World

SERVICES = ("account", "auth", "keys")
# They say nothing, for they begin what only another route ends, and that one says it; a refresh
# goes on with a session that the log knows.
BEGINNINGS = {
    "POST /api/account/passkeys/options",
    "POST /api/account/totp",
    "POST /auth/device-requests",
    "POST /auth/device-requests/{request_id}/answer",
    "POST /auth/passkey-sessions/options",
    "POST /auth/prelogin",
    "POST /auth/sessions/refresh",
}
# They are sent what to look for, and change nothing.
QUESTIONS = {"POST /api/keys/vaults/{vault_id}/versions/overviews"}
# Proved by the tests of their own, which have a relay of mail.
ELSEWHERE = {"POST /auth/email-verifications"}
UNAVAILABLE = {"type": "/problems/unavailable", "title": "Service Unavailable", "status": 503}


@pytest.fixture
def world(conn: Connection, auth: Client, account: Client, keys: Client) -> World:
    return worlds.made(conn, auth, account, keys)


def test_every_route_that_changes_something_is_tried() -> None:
    """S13: a new route stands in one of these lists, or this fails."""
    routes = {
        f"{route.method} {route.path}"
        for service in SERVICES
        for route in openapi.routes(openapi.apps()[service])
        if route.method != "GET"
    }

    assert routes == DEEDS.keys() | BEGINNINGS | QUESTIONS | ELSEWHERE


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_that_the_audit_log_does_not_take_is_not_done(
    conn: Connection, world: World, name: str
) -> None:
    """S13: 503, and every row is what it was; the same request is carried out otherwise."""
    ask = DEEDS[name](world)
    told = last_told(conn)

    with nothing_stored(conn):
        conn.execute("ALTER TABLE audit_log RENAME TO out_of_reach")
        refused: Result = ask()
        conn.execute("ALTER TABLE out_of_reach RENAME TO audit_log")
    done = ask()

    assert (refused.status_code, refused.json) == (503, UNAVAILABLE)
    assert done.status_code < 300, done.text
    assert last_told(conn) > told


def last_told(conn: Connection) -> int:
    """Return the number of the newest row of the audit log."""
    row = conn.execute("SELECT max(audit_id) FROM audit_log").fetchone()
    assert row
    number: int = row[0] or 0
    return number
