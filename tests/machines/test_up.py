"""``python3 machines up`` as a person meets it: started, refused, interrupted, started again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from machines.environment import ROOT
from machines.postgres import Postgres
from machines.sockets import free_port
from machines.stack import Stack

ADDRESS = re.compile(r"KeyArc runs at (http://localhost:\d+) ")


@contextmanager
def up(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command in a session of its own; with the address that it prints."""
    with subprocess.Popen(
        [sys.executable, ROOT / "machines", "up", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process, told(process)
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> str:
    """The address, once it stands in the output."""
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if found := ADDRESS.match(line):
            return found[1]
    raise AssertionError("".join(lines))


def refused(*arguments: str | Path) -> str:
    """The sentence with which the command gives up."""
    ended = subprocess.run(
        [sys.executable, ROOT / "machines", "up", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stdout + ended.stderr
    return ended.stderr.strip()


def get(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - an address of this test's own
        return bytes(answer.read())


def healthy(address: str) -> bool:
    return get(f"{address}/auth/health") == b'{"status": "ok"}'


def family(pid: int) -> list[psutil.Process]:
    """Everything that a process started, directly or not."""
    return list(psutil.Process(pid).children(recursive=True))


def left_over(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run after a fair time for stopping."""
    _gone, alive = psutil.wait_procs(processes, timeout=20)
    return list(alive)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which KeyArc has run before."""
    folder = tmp_path_factory.mktemp("instance")
    with Stack(folder, durable=False):
        return folder


def test_it_prints_one_address_that_serves_the_page_and_the_services(data: Path) -> None:
    with up("--data", data, "--port", "0") as (_process, address):
        assert b"<!doctype html>" in get(address).lower()
        assert healthy(address)


def test_ctrl_c_ends_it_cleanly_and_leaves_no_process_behind(data: Path) -> None:
    with up("--data", data, "--port", "0") as (process, _address):
        processes = family(process.pid)

        process.send_signal(signal.SIGINT)

        assert process.wait(20) == 0
        assert len(processes) > len(("postgres", "auth", "gateway", "account", "keys", "edge"))
        assert left_over(processes) == []


def test_it_can_be_interrupted_though_a_shell_put_it_in_the_background(data: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell does, before it starts the command
    try:
        with up("--data", data, "--port", "0") as (process, _address):
            process.send_signal(signal.SIGINT)

            assert process.wait(20) == 0
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def test_killing_it_leaves_no_process_behind(data: Path) -> None:
    with up("--data", data, "--port", "0") as (process, _address):
        processes = family(process.pid)

        process.kill()

        assert left_over(processes) == []


def test_the_second_start_finds_what_the_first_one_left(data: Path) -> None:
    before = (data / "secrets.json").read_text()
    began = time.monotonic()

    with up("--data", data, "--port", "0"):
        print(f"started again in {time.monotonic() - began:.2f} s")  # noqa: T201 - for who asks
        assert (data / "secrets.json").read_text() == before


def test_a_second_one_on_the_same_data_is_refused_and_the_first_goes_on(data: Path) -> None:
    with up("--data", data, "--port", "0") as (_process, address):
        assert "KeyArc already runs" in refused("--data", data, "--port", "0")

        assert healthy(address)


def test_two_run_side_by_side(data: Path, tmp_path: Path) -> None:
    with (
        up("--data", data, "--port", "0") as (_one, here),
        up("--data", tmp_path, "--port", "0") as (_other, there),
    ):
        assert healthy(here)
        assert healthy(there)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - a test may
def test_a_taken_port_is_told(tmp_path: Path, host: str) -> None:
    with socket.create_server((host, 0)) as taken:
        port = str(taken.getsockname()[1])

        assert refused("--data", tmp_path, "--port", port) == (
            f"Port {port} is taken: choose another with --port."
        )


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    database = f"postgresql://somebody:hidden-word@127.0.0.1:{free_port()}/keyarc"

    said = refused("--data", tmp_path, "--port", "0", "--database", database)

    assert said.startswith("The database does not answer: ")
    assert "hidden-word" not in said


def test_what_is_no_address_of_a_database_is_told(tmp_path: Path) -> None:
    said = refused("--data", tmp_path, "--port", "0", "--database", "mysql:hidden-word")

    assert said == "--database is not an address like postgresql://user:password@host/database."


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "cannot be used for data" in refused("--data", tmp_path / "file" / "data")


@pytest.mark.parametrize(
    ("name", "command"), [("keys", "handlers.keys.app:from_env()"), ("postgres", "-D")]
)
def test_a_process_that_dies_ends_the_rest_and_is_named(
    data: Path, name: str, command: str
) -> None:
    with up("--data", data, "--port", "0") as (process, _address):
        processes = family(process.pid)
        dying = next(each for each in processes if command in each.cmdline())

        dying.kill()

        assert process.wait(20) == 1
        assert f"{name} stopped by itself" in (process.stdout.read() if process.stdout else "")
        assert left_over(processes) == []


def test_it_uses_the_database_it_is_given(data: Path, tmp_path: Path) -> None:
    with Postgres(data / "postgres", durable=False) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as conn:
            conn.execute("CREATE DATABASE given")
        database = postgres.url.removesuffix("postgres") + "given"

        with up("--data", tmp_path, "--port", "0", "--database", database) as (_, address):
            assert healthy(address)
            assert not (tmp_path / "postgres").exists()


def test_an_old_python_gets_a_sentence() -> None:
    source = (ROOT / "machines" / "__main__.py").read_text()
    older = source.replace("sys.version_info <", "(3, 10) <")

    ended = subprocess.run(
        [sys.executable, "-c", older], capture_output=True, text=True, check=False, env=os.environ
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("KeyArc needs Python 3.11 or newer")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"SMTP_URL": "imap://a:hidden-word@b"}, "SMTP_URL: not like"),
        ({"SMTP_URL": "smtps://mail.example.com"}, "MAIL_FROM is not set."),
        ({"RECOVERY_DELAY": "soon"}, "RECOVERY_DELAY: 'soon' is no duration"),
    ],
)
def test_mail_that_cannot_work_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, str], said: str
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)

    refusal = refused("--data", tmp_path / "data", "--port", "0")

    assert refusal.startswith(said)
    assert "hidden-word" not in refusal
    assert not (tmp_path / "data").exists()
