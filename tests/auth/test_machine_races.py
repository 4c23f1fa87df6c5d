"""A machine logs in at the moment at which its token is revoked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
import pytest

from handlers.account import routes as account_routes
from handlers.auth import routes as auth_routes
from shared import browsers
from tests import machine_tokens, vaults, waiting
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.conftest import verifier
from tests.databases import AsRole
from tests.machine_tokens import Machine

JOBS = 8


@dataclass
class Running:
    """The auth service on connections of its own, and a machine that every one of them sees."""

    database: str
    auth: Client
    machine: Machine


@pytest.fixture
def running(database: str) -> Iterator[Running]:
    with psycopg.connect(database, autocommit=True) as conn:
        pools = [AsRole(database, "keyarc_auth"), AsRole(database, "keyarc_account")]
        auth = Client(auth_routes.create_app(pools[0], (JWT_SECRET,), browsers.Origins(ORIGIN)))
        account = Client(account_routes.create_app(pools[1], verifier("account")))
        account.audience = "account"
        machine = machine_tokens.made(conn, account, vaults.begin(conn))
        yield Running(database, auth, machine)
        for pool in pools:
            pool.close()
        conn.execute("TRUNCATE users, vaults, audit_log, limits CASCADE")


def test_no_log_in_overtakes_a_revocation(running: Running) -> None:
    """S10: who waited while the token was revoked is refused, and has no session."""
    with (
        ThreadPoolExecutor(1) as executor,
        psycopg.connect(running.database) as revoking,
        psycopg.connect(running.database, autocommit=True) as observer,
    ):
        revoking.execute("UPDATE machine_tokens SET revoked_at = now()")
        login = executor.submit(
            running.auth.post, "/auth/machine-sessions", json=running.machine.proof
        )
        waiting.until_locked_out(running.database)
        revoking.commit()

        assert login.result().json["type"] == "/problems/token-revoked"
        sessions = observer.execute(
            "SELECT count(*) FROM sessions WHERE user_id = %s", (running.machine.user_id,)
        )
        assert sessions.fetchone() == (0,)


def test_jobs_at_once_all_get_a_session(running: Running) -> None:
    with ThreadPoolExecutor(JOBS) as executor:
        asked = [
            executor.submit(running.auth.post, "/auth/machine-sessions", json=running.machine.proof)
            for _ in range(JOBS)
        ]
        sessions = {answer.result().json["session_id"] for answer in asked}

    assert len(sessions) == JOBS
