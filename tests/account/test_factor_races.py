"""A session that ends while its deed waits for somebody else's: the deed is refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from handlers.account import routes as account_routes
from shared.keyarc.encoding import ObjectType, b64
from tests import vaults, waiting
from tests.clients import ORIGIN, Client
from tests.conftest import verifier
from tests.databases import AsRole
from tests.vaults import Person

SEALED = b64(vaults.blob(ObjectType.USER_KEY_BY_PASSKEY))
CREDENTIAL = {"challenge": b64(bytes(32)), "name": "a phone", "credential": {}}
DEEDS: dict[str, tuple[str, str, Any]] = {
    "confirm an app": ("PUT", "totp", {"code": "123456"}),
    "add a passkey": ("POST", "passkeys", CREDENTIAL),
    "let a passkey open": ("PUT", "passkeys/AAAA/unlock", {"keyset": "1", "user_key": SEALED}),
}


@pytest.fixture
def person(database: str) -> Iterator[Person]:
    with psycopg.connect(database, autocommit=True) as conn:
        yield vaults.person(conn)
        conn.execute("TRUNCATE users, audit_log, limits CASCADE")


@pytest.mark.parametrize("deed", DEEDS)
def test_what_waited_for_the_end_of_its_session_is_not_done(
    database: str, person: Person, deed: str
) -> None:
    """S10: whoever changes the account ends the other sessions, and what they had begun."""
    pool = AsRole(database, "keyarc_account")
    client = Client(account_routes.create_app(pool, verifier("account")))
    client.audience = "account"
    method, path, body = DEEDS[deed]

    with ThreadPoolExecutor(1) as executor, psycopg.connect(database) as other:
        other.execute("SELECT FROM users FOR NO KEY UPDATE")
        other.execute("UPDATE sessions SET ended_at = now()")
        asked = executor.submit(
            client.as_(person).simulate_request,
            *(method, f"/api/account/{path}"),
            json=body,
            headers={"Origin": ORIGIN},
        )
        waiting.until_locked_out(database)
        other.commit()
        answer = asked.result()
    pool.close()

    assert (answer.status_code, answer.json["type"]) == (401, "/problems/session-ended")
