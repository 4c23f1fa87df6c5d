"""S10: a session that is over is over for every route of every service, at its next request."""

from collections.abc import Callable

import pytest

from shared.db import Connection
from tests import vaults
from tests.clients import Client
from tests.rows import nothing_stored
from tests.test_machine_routes import SERVICES, closed, path, sent
from tests.vaults import Vault

LOGOUT = "DELETE /auth/sessions/current"  # it says nothing of the session: ended is ended
End = Callable[[Connection], object]

ENDS: dict[str, End] = {
    "ended": lambda conn: conn.execute("UPDATE sessions SET ended_at = now()"),
    "not used for long": lambda conn: conn.execute("UPDATE sessions SET expires_at = now()"),
    "somebody else's": lambda conn: conn.execute(
        "UPDATE sessions SET user_id = %s", (vaults.person(conn).user_id,)
    ),
    "removed": lambda conn: conn.execute("DELETE FROM sessions"),
}


@pytest.fixture
def vault(conn: Connection, keys: Client) -> Vault:
    vault = vaults.begin(conn)
    vault.fill(keys, 1)
    return vault


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("service", SERVICES)
def test_an_ended_session_asks_nothing_of_any_route(
    conn: Connection, request: pytest.FixtureRequest, vault: Vault, service: str, end: str
) -> None:
    """S10: whoever logs out, or is logged out, is out at once."""
    client = request.getfixturevalue(service).as_(vault.owner)
    ENDS[end](conn)
    refused = {}

    for route in closed(service):
        name = f"{route.method} {route.path}"
        if name == LOGOUT:
            continue
        with nothing_stored(conn):
            answer = client.simulate_request(route.method, path(route, vault), **sent(route))
        refused[name] = (answer.status_code, answer.json["type"] if answer.content else None)

    assert refused
    assert set(refused.values()) == {(401, "/problems/session-ended")}, refused
