"""The whole of KeyArc as processes on this machine, set up as on Fly."""

import errno
import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from machines import database, instance
from machines.children import Child
from machines.failures import Failure
from machines.postgres import Postgres
from shared import access_tokens

ROOT = Path(__file__).parents[1]
SITE = ROOT / "web" / "dist"
CONFIG = ROOT / "machines" / "gunicorn.conf.py"
MIGRATIONS = ROOT / "migrations"
PATIENCE_S = 30


@dataclass(frozen=True)
class Service:
    """An app, where it says that it is well, and whose role it has in the database."""

    app: str
    health: str
    role: str | None = None


SERVICES = {
    "auth": Service("handlers.auth.app:from_env()", "/auth/health", "keyarc_auth"),
    "gateway": Service("handlers.gateway.app:from_env()", "/api/health"),
    "account": Service("handlers.account.app:from_env()", "/api/account/health", "keyarc_account"),
    "keys": Service("handlers.keys.app:from_env()", "/api/keys/health", "keyarc_keys"),
    "edge": Service("machines.edge:from_env()", "/auth/health"),
}


class Stack:
    """Postgres (unless *database* is the address of one), the four services and the edge.

    All of it lives in the folder *data*; port 0 takes a free one. A context manager.
    """

    def __init__(
        self, data: Path, port: int = 0, database: str | None = None, *, durable: bool = True
    ) -> None:
        self._data = data.resolve()
        self._port = port
        self._postgres = None if database else Postgres(self._data / "postgres", durable=durable)
        self._database = database
        self._secrets = instance.Secrets("", {})
        self._children: dict[str, Child] = {}
        self._ports: dict[str, int] = {}
        self._lock = -1
        self.logs = self._data / "logs"

    @property
    def url(self) -> str:
        """Where people and programs go."""
        return f"http://localhost:{self._ports['edge']}"

    @property
    def service_urls(self) -> Mapping[str, str]:
        """Each service by itself, behind the edge."""
        return {name: f"http://127.0.0.1:{port}" for name, port in self._ports.items()}

    @property
    def database_url(self) -> str:
        """The database with the rights of its owner."""
        return self._postgres.url if self._postgres else self._database or ""

    def environment(self, name: str) -> dict[str, str]:
        """All that the service *name* is told: the secrets that it has on Fly, and no other."""
        port = self._ports["edge"]
        origins = {"PUBLIC_ORIGIN": f"http://localhost:{port},http://127.0.0.1:{port}"}
        signs = {"JWT_SECRET": self._secrets.jwt_secret}
        at = self.service_urls
        role = SERVICES[name].role
        told = {
            "auth": signs | origins,
            "gateway": signs | origins | {"ACCOUNT_URL": at["account"], "KEYS_URL": at["keys"]},
            "edge": origins
            | {"AUTH_URL": at["auth"], "GATEWAY_URL": at["gateway"], "SITE": str(SITE)},
        }.get(name) or {"CONTEXT_PUBLIC_KEYS": access_tokens.context_public_key(*signs.values())}
        if role:
            password = self._secrets.passwords[role]
            told["DATABASE_URL"] = database.url_for(self.database_url, role, password)
        level = os.environ.get("LOG_LEVEL", "INFO")
        return {"PATH": os.environ["PATH"], "SERVICE": name, "LOG_LEVEL": level, **told}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_ex: object) -> None:
        self.stop()

    def start(self) -> None:
        """Return when all answer; leave nothing behind when one does not."""
        self._lock = instance.claim(self._data)
        try:
            self._secrets = instance.secrets_of(self._data)
            self.logs.mkdir(exist_ok=True)
            with ExitStack() as held:
                sockets = {name: _listen(held, 0) for name in SERVICES if name != "edge"}
                sockets["edge"] = _listen(held, self._port, also_six=True)
                self._ports = {name: each[0].getsockname()[1] for name, each in sockets.items()}
                self._prepare_database()
                self._begin(sockets)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the edge first and the database last, each after its last answer."""
        self._end()
        if self._postgres:
            self._postgres.stop()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def ended(self) -> str | None:
        """The name of a service that stopped by itself."""
        return next((name for name, child in self._children.items() if child.ended), None)

    def _begin(self, sockets: Mapping[str, list[socket.socket]]) -> None:
        """Serve on the sockets, which are closed afterwards; return when all answer."""
        for name, each in sockets.items():
            self._children[name] = self._serve(name, each)
        for name in SERVICES:
            self._await_health(name)

    def _end(self) -> None:
        for child in reversed(self._children.values()):
            child.ask_to_stop()
        for child in reversed(self._children.values()):
            child.stop()
        self._children.clear()

    def _prepare_database(self) -> None:
        if self._postgres:
            self._postgres.start()
        database.check(self.database_url)
        stamp = self._data / "migrated"
        newest = sha256(b"".join(file.read_bytes() for file in sorted(MIGRATIONS.rglob("*.py"))))
        # In a database of somebody else's the stamp would prove nothing.
        stamped = self._postgres and stamp.exists() and stamp.read_text() == newest.hexdigest()
        if not stamped:
            database.migrate(self.database_url, self.logs / "migrate.log")
            stamp.write_text(newest.hexdigest())
        database.let_in(self.database_url, self._secrets.passwords)

    def _serve(self, name: str, sockets: list[socket.socket]) -> Child:
        """Start a service on *sockets*: it answers what arrived while it was loading."""
        fds = [each.fileno() for each in sockets]
        return Child(
            [
                *(sys.executable, "-m", "gunicorn", "--config", CONFIG),
                *(f"--bind=fd://{fd}" for fd in fds),
                SERVICES[name].app,
            ],
            log=self.logs / f"{name}.log",
            env=self.environment(name),
            cwd=ROOT,
            pass_fds=fds,
        )

    def _await_health(self, name: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not self._children[name].ended and time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                asked = http.client.HTTPConnection("127.0.0.1", self._ports[name], timeout=5)
                with closing(asked):
                    asked.request("GET", SERVICES[name].health)
                    if asked.getresponse().status == http.HTTPStatus.OK:
                        return
            time.sleep(0.05)
        raise Failure(f"{name} does not start; its last words are in {self.logs / name}.log.")


def _listen(held: ExitStack, port: int, *, also_six: bool = False) -> list[socket.socket]:
    """Open *port* on the loopback address, and on IPv6's too: ``localhost`` may mean either."""
    addresses = [(socket.AF_INET, "127.0.0.1")]
    if also_six and socket.has_ipv6:
        addresses.append((socket.AF_INET6, "::1"))
    opened: list[socket.socket] = []
    for family, host in addresses:
        each = held.enter_context(socket.socket(family))
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # gunicorn sets this, too, but a connection that came before it would lag by 40 ms for life.
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            each.bind((host, opened[0].getsockname()[1] if opened else port))
        except OSError as ex:
            if ex.errno == errno.EADDRNOTAVAIL and opened:
                break  # a machine without IPv6
            why = "is taken" if ex.errno == errno.EADDRINUSE else f"is refused ({ex.strerror})"
            raise Failure(f"Port {port} {why}: choose another with --port.") from ex
        each.listen()
        opened.append(each)
    return opened
