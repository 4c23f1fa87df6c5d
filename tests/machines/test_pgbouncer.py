"""PgBouncer in transaction mode: who enters, how few lines it holds, and what still holds there."""

import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from psycopg import conninfo

from machines import debian
from machines.environment import ROOT
from machines.pgbouncer import POOL_SIZE, PgBouncer
from machines.postgres import Postgres

ROLES = """
    CREATE ROLE somebody LOGIN PASSWORD 'of "somebody"';
    CREATE ROLE hurried LOGIN PASSWORD 'of hurried';
    ALTER ROLE hurried SET statement_timeout = '200ms';
    ALTER ROLE hurried SET idle_in_transaction_session_timeout = '200ms';
"""
PASSWORDS = {"somebody": 'of "somebody"', "hurried": "of hurried"}
CLIENTS = 5 * POOL_SIZE


START = """
import sys
from pathlib import Path
import psycopg
from machines.failures import Failure
from machines.pgbouncer import PgBouncer
from machines.postgres import Postgres
try:
    with Postgres(Path(sys.argv[1]) / "postgres", durable=False) as postgres:
        for _ in range(2):
            with PgBouncer(Path(sys.argv[1]) / "pgbouncer", postgres.url, {}) as pooler:
                psycopg.connect(pooler.admin_url).close()
    print("twice")
except Failure as ex:
    print(ex)
"""


@pytest.fixture(scope="module")
def pooler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PgBouncer]:
    if debian.missing("pgbouncer"):
        pytest.skip("there is no pgbouncer on this machine")
    folder = tmp_path_factory.mktemp("pooled")
    with Postgres(folder / "postgres", durable=False) as postgres:
        with psycopg.connect(postgres.url) as conn:
            conn.execute(ROLES)
        with PgBouncer(folder / "pgbouncer", postgres.url, PASSWORDS) as pooler:
            yield pooler


def as_(pooler: PgBouncer, role: str, password: str | None = None) -> str:
    return conninfo.make_conninfo(pooler.url, user=role, password=password or PASSWORDS[role])


def test_a_role_enters_with_its_password_and_as_nobody_else(pooler: PgBouncer) -> None:
    with psycopg.connect(as_(pooler, "somebody")) as conn:
        assert conn.execute("SELECT current_user").fetchone() == ("somebody",)

    for role, password in (("somebody", "guessed"), ("postgres", "guessed"), ("nobody", "x")):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(as_(pooler, role, password))


def test_only_the_owner_reads_the_passwords(pooler: PgBouncer) -> None:
    files = {each.name: stat.S_IMODE(each.stat().st_mode) for each in pooler.log.parent.iterdir()}

    assert files == dict.fromkeys(("pgbouncer.ini", "users.txt", "pgbouncer.log"), 0o600)
    assert not any(password in pooler.log.read_text() for password in PASSWORDS.values())


def test_many_clients_share_few_connections(pooler: PgBouncer) -> None:
    gate = Barrier(CLIENTS)

    def ask(_number: int) -> int:
        with psycopg.connect(as_(pooler, "somebody")) as conn:
            gate.wait(60)
            row = conn.execute("SELECT pg_backend_pid() FROM pg_sleep(0.01)").fetchone()
            assert row
            return int(row[0])

    with ThreadPoolExecutor(CLIENTS) as threads:
        pids = list(threads.map(ask, range(CLIENTS)))

    assert 1 <= len(set(pids)) <= POOL_SIZE


def test_who_finds_every_connection_taken_is_told_and_does_not_wait_for_ever(
    pooler: PgBouncer,
) -> None:
    taken = [psycopg.connect(as_(pooler, "somebody")) for _ in range(POOL_SIZE)]
    for conn in taken:
        conn.execute("SELECT 1")

    began = time.monotonic()
    with (
        psycopg.connect(as_(pooler, "somebody")) as conn,
        pytest.raises(psycopg.OperationalError, match="query_wait_timeout"),
    ):
        conn.execute("SELECT 1")

    assert time.monotonic() - began < 30
    for conn in taken:
        conn.close()


def test_a_roles_own_timeouts_hold(pooler: PgBouncer) -> None:
    with (
        psycopg.connect(as_(pooler, "hurried")) as conn,
        pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"),
    ):
        conn.execute("SELECT pg_sleep(60)")


def test_who_idles_in_a_transaction_loses_the_connection_and_nobody_else_does(
    pooler: PgBouncer,
) -> None:
    with psycopg.connect(as_(pooler, "hurried"), autocommit=True) as conn:
        conn.execute("BEGIN")
        with psycopg.connect(as_(pooler, "somebody"), autocommit=True) as observer:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'hurried'"
            while observer.execute(waiting).fetchone() != (0,):
                observer.execute("SELECT pg_sleep(0.05)")

        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            conn.execute("SELECT 1")

    with psycopg.connect(as_(pooler, "hurried")) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_startup_parameter_of_a_session_is_refused(pooler: PgBouncer) -> None:
    with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
        psycopg.connect(as_(pooler, "somebody"), options="-c statement_timeout=1s")


def test_it_ends_with_its_clients_still_there(pooler: PgBouncer) -> None:
    with psycopg.connect(as_(pooler, "somebody"), autocommit=True) as conn:
        conn.execute("SELECT 1")
        pooler.stop()

        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 1")

    pooler.start()
    psycopg.connect(as_(pooler, "somebody")).close()


@pytest.mark.usefixtures("pooler")
def test_where_no_namespace_can_be_made_it_runs_as_nobody_or_says_why_not() -> None:
    """Only root needs one. pytest keeps closing its own folders to others, so this has another."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)

        ended = subprocess.run(
            [sys.executable, "-c", START, folder],
            cwd=ROOT,
            env={"PATH": folder},  # where no `unshare` is
            capture_output=True,
            text=True,
            check=False,
        )

    said = ended.stdout.strip()
    assert said == "twice" or "other users may not enter" in said, ended
