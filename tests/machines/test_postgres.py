"""The embedded database: kept, closed to strangers, and gone with whoever started it."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from machines.environment import ROOT
from machines.failures import Failure
from machines.postgres import Postgres

START = """
import sys, time
from pathlib import Path
from machines.failures import Failure
from machines.postgres import Postgres
try:
    with Postgres(Path(sys.argv[1])) as postgres:
        print(postgres.url, flush=True)
        time.sleep(60)
except Failure as ex:
    print(ex)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture
def started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a database server, and prints its address."""
    with subprocess.Popen(
        [sys.executable, "-c", START, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def server_of(folder: Path) -> int:
    return int((folder / "cluster" / "postmaster.pid").read_text().split()[0])


def gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_what_was_stored_is_there_at_the_next_start(folder: Path) -> None:
    with Postgres(folder, durable=False) as postgres, psycopg.connect(postgres.url) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 42 AS number")

    with Postgres(folder, durable=False) as postgres, psycopg.connect(postgres.url) as conn:
        assert conn.execute("SELECT number FROM kept").fetchone() == (42,)


def test_nobody_enters_without_the_password(folder: Path) -> None:
    with Postgres(folder, durable=False) as postgres:
        scheme, _, host = postgres.url.partition("@")

        for password in ("", ":guessed"):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(f"{scheme.rpartition(':')[0]}{password}@{host}")


def test_only_the_owner_reads_password_and_data(folder: Path) -> None:
    with Postgres(folder, durable=False):
        assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "cluster").stat().st_mode) == 0o700


def test_the_server_ends_with_a_parent_that_is_killed(
    folder: Path, started: subprocess.Popen[str]
) -> None:
    address(started)
    server = server_of(folder)

    started.kill()

    assert gone(server)


def test_it_starts_after_a_crash(folder: Path, started: subprocess.Popen[str]) -> None:
    with psycopg.connect(address(started)) as conn:
        conn.execute("CREATE TABLE survived AS SELECT 1")
    os.kill(server_of(folder), signal.SIGKILL)

    with Postgres(folder) as postgres, psycopg.connect(postgres.url) as conn:
        assert conn.execute("SELECT count(*) FROM survived").fetchone() == (1,)


def test_it_starts_when_another_program_got_the_number_of_the_dead_server(folder: Path) -> None:
    with Postgres(folder, durable=False):
        lock = (folder / "cluster" / "postmaster.pid").read_text()
    _pid, _, rest = lock.partition("\n")

    with subprocess.Popen(["sleep", "60"]) as other:
        (folder / "cluster" / "postmaster.pid").write_text(f"{other.pid}\n{rest}")
        with Postgres(folder, durable=False) as postgres:
            psycopg.connect(postgres.url).close()
        other.kill()


def test_two_servers_never_share_a_folder(folder: Path, started: subprocess.Popen[str]) -> None:
    address(started)

    with pytest.raises(Failure, match="already runs"):
        Postgres(folder, patience_s=0).start()


def test_where_no_namespace_can_be_made_it_runs_as_nobody_or_says_why_not(folder: Path) -> None:
    """Only root needs one."""
    for each in (folder, *folder.parents[:3]):
        each.chmod(each.stat().st_mode | stat.S_IXOTH)
    without_unshare = {"PATH": str(folder)}

    with subprocess.Popen(
        [sys.executable, "-c", START, folder],
        cwd=ROOT,
        env=without_unshare,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        said = address(process)
        process.kill()

    assert said.startswith("postgresql://") or "other users may not enter" in said
