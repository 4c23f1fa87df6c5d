"""PgBouncer in transaction mode before a database, as a managed PostgreSQL has one."""

import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import psycopg
from psycopg import conninfo

from machines import debian, sockets
from machines.children import Child
from machines.failures import Failure
from machines.unprivileged import Unprivileged

ADMIN = "keyarc_admin"
POOL_SIZE = 4
SETTINGS = {
    "listen_addr": "127.0.0.1",
    "unix_socket_dir": "",  # the path of a socket has at most 107 bytes, a folder's more
    "auth_type": "scram-sha-256",
    "admin_users": ADMIN,
    "pool_mode": "transaction",
    "max_client_conn": 500,
    # Named to be seen: between transactions nothing is reset, so nothing may be left behind.
    "server_reset_query": "DISCARD ALL",
    "server_reset_query_always": 0,
    # As long as a service waits for a connection of its own; the default is two minutes.
    "query_wait_timeout": 5,
    "server_login_retry": 1,
    "log_connections": 0,
    "log_disconnections": 0,
    "log_stats": 0,
}


class PgBouncer:
    """Before the server of *database*, for the roles of *passwords*; a context manager.

    Each role has at most *pool_size* connections to the server, however many clients there are.
    No startup parameter is ignored: what a service sends must be what every pooler takes.
    """

    def __init__(
        self,
        folder: Path,
        database: str,
        passwords: Mapping[str, str],
        *,
        pool_size: int = POOL_SIZE,
    ) -> None:
        self._folder = folder.resolve()
        self._database = conninfo.conninfo_to_dict(database)
        self._passwords = {**passwords, ADMIN: secrets.token_urlsafe(24)}
        self._pool_size = pool_size
        self._child: Child | None = None
        self._port = 0
        self.log = self._folder / "pgbouncer.log"

    @property
    def ended(self) -> bool:
        """Whether it stopped by itself."""
        return self._child is not None and self._child.ended

    @property
    def url(self) -> str:
        """The pooled database, without a user."""
        name = self._database.get("dbname") or self._database.get("user", "postgres")
        return conninfo.make_conninfo(host="127.0.0.1", port=self._port, dbname=str(name))

    @property
    def admin_url(self) -> str:
        """Its own console, which answers ``SHOW POOLS`` and the like."""
        password = self._passwords[ADMIN]
        return conninfo.make_conninfo(self.url, dbname="pgbouncer", user=ADMIN, password=password)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_ex: object) -> None:
        self.stop()

    def start(self, patience_s: float = 30) -> None:
        """Return when it answers."""
        program = debian.ensure("pgbouncer", ("pgbouncer",))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        as_user = Unprivileged(self._folder)
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            # Another program may be faster to take the port that was free a moment ago.
            self._port = sockets.free_port()
            for file in self._write():
                as_user.own(file)
            self._child = Child(
                as_user.command(program, "--quiet", str(self._folder / "pgbouncer.ini")),
                log=self.log,
                user=as_user.user,
                group=as_user.group,
                cwd=self._folder,
            )
            if self._answers(until):
                return
            self.stop()
        raise Failure(f"PgBouncer does not start; its last words are in {self.log}.")

    def stop(self) -> None:
        """Stop it at once: whoever is still connected is cut off."""
        if self._child:
            self._child.stop()
            self._child = None

    def _answers(self, until: float) -> bool:
        while self._child and not self._child.ended and time.monotonic() < until:
            try:
                psycopg.connect(self.admin_url, connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        return False

    def _write(self) -> Iterator[Path]:
        host = self._database.get("hostaddr") or self._database.get("host", "127.0.0.1")
        settings = {
            **SETTINGS,
            "default_pool_size": self._pool_size,
            "listen_port": self._port,
            "auth_file": self._folder / "users.txt",
            "server_tls_sslmode": self._database.get("sslmode", "prefer"),
        }
        lines = (
            "[databases]",
            f"* = host={host} port={self._database.get('port', 5432)}",
            "[pgbouncer]",
            *(f"{name} = {value}" for name, value in settings.items()),
        )
        users = [
            f'"{role}" "{password.replace(chr(34), chr(34) * 2)}"'
            for role, password in self._passwords.items()
        ]
        for name, written in (("pgbouncer.ini", lines), ("users.txt", users)):
            file = self._folder / name
            file.touch(mode=0o600)
            file.write_text("\n".join((*written, "")))
            yield file
