"""Who may ask the account service."""

from collections.abc import Callable
from typing import Any

import pytest
from falcon.testing import Result

from shared.db import Connection
from tests.clients import Client
from tests.rows import nothing_stored
from tests.vaults import Person

Ask = Callable[[Client], Result]

BLOB = "S0EBQA" + "A" * 277  # 212 bytes that begin like a keyring
ROUTES: dict[str, Ask] = {
    "keyring": lambda client: client.get("/api/account/keyring"),
    "keyring replaced": lambda client: client.put(
        "/api/account/keyring", json={"replaces": "1", "blob": BLOB}
    ),
    "people": lambda client: client.get(
        "/api/account/people", params={"email": "someone@example.com"}
    ),
    "profile": lambda client: client.get("/api/account/profile"),
    "vaults": lambda client: client.get("/api/account/vaults"),
}


@pytest.fixture(params=ROUTES)
def ask(request: pytest.FixtureRequest) -> Ask:
    """Each route in its turn."""
    return ROUTES[request.param]


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE sessions SET ended_at = now()",
        "UPDATE sessions SET expires_at = now() - interval '1 second'",
        "DELETE FROM sessions",
    ],
)
def test_an_ended_session_opens_nothing(
    conn: Connection, account: Client, someone: Person, ask: Ask, end: Any
) -> None:
    conn.execute(end)

    with nothing_stored(conn):
        response = ask(account.as_(someone))

    assert (response.status_code, response.json["type"]) == (401, "/problems/session-ended")


def test_nobody_asks_with_a_context_for_another_service(
    account: Client, someone: Person, ask: Ask
) -> None:
    misled = account.as_(someone)
    misled.audience = "keys"

    response = ask(misled)

    assert (response.status_code, response.json["type"]) == (401, "/problems/not-signed-in")


def test_nobody_asks_without_a_context(account: Client, ask: Ask) -> None:
    assert ask(account).status_code == 401


def test_the_machine_s_own_checks_need_no_proof(account: Client) -> None:
    assert account.get("/api/account/health").status_code == 200
    assert account.get("/api/account/ready").status_code == 200
