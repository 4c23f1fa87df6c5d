"""The whole of KeyArc as processes on this machine, set up as on Fly."""

import http.client
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from machines import database, instance, sockets
from machines.children import Child
from machines.failures import Failure
from machines.pgbouncer import PgBouncer
from machines.postgres import Postgres
from shared import access_tokens

ROOT = Path(__file__).parents[1]
SITE = ROOT / "web" / "dist"
CONFIG = ROOT / "machines" / "gunicorn.conf.py"
MIGRATIONS = ROOT / "migrations"
PATIENCE_S = 60
NO_SETTINGS: Mapping[str, str] = {}


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

    All of it lives in the folder *data*; port 0 takes a free one. A context manager. With
    *processes* each service has as many, behind one address, as it would have machines on Fly;
    with *pooled* they reach the database through PgBouncer. *settings* are what an operator may
    leave out: SMTP_URL and MAIL_FROM, RECOVERY_DELAY.
    """

    def __init__(
        self,
        data: Path,
        port: int = 0,
        database: str | None = None,
        *,
        durable: bool = True,
        processes: int = 1,
        pooled: bool = False,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        self._data = data.resolve()
        self._port = port
        self._postgres = None if database else Postgres(self._data / "postgres", durable=durable)
        self._database = database
        self._processes = processes
        self._pooled = pooled
        self._settings = settings
        self._secrets = instance.Secrets("", {})
        self._children: dict[str, Child] = {}
        self._ports: dict[str, int] = {}
        self._own_ports: dict[str, int] = {}
        self._lock = -1
        self.pooler: PgBouncer | None = None
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
    def machine_urls(self) -> Mapping[str, Sequence[str]]:
        """Each process of each service by itself, where there are several."""
        return {
            name: [f"http://127.0.0.1:{self._own_ports[each]}" for each in self._processes_of(name)]
            for name in SERVICES
        }

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
        keys = map(access_tokens.context_public_key, signs["JWT_SECRET"].split(","))
        believes = {"CONTEXT_PUBLIC_KEYS": ",".join(keys)}
        told = {
            "account": believes | origins | self._given("SMTP_URL", "MAIL_FROM"),
            "auth": signs | origins | self._given("SMTP_URL", "MAIL_FROM", "RECOVERY_DELAY"),
            "gateway": signs | origins | {"ACCOUNT_URL": at["account"], "KEYS_URL": at["keys"]},
            "edge": origins
            | {"AUTH_URL": at["auth"], "GATEWAY_URL": at["gateway"], "SITE": str(SITE)},
            "keys": believes,
        }[name]
        if role:
            password = self._secrets.passwords[role]
            direct_or_pooled = self.pooler.url if self.pooler else self.database_url
            told["DATABASE_URL"] = database.url_for(direct_or_pooled, role, password)
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
                opened = {name: sockets.listen(held, 0) for name in SERVICES if name != "edge"}
                opened["edge"] = sockets.listen(held, self._port, also_six=True)
                self._ports = {name: sockets.port_of(each[0]) for name, each in opened.items()}
                self._prepare_database()
                self._begin(opened)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the edge first and the database last, each after its last answer."""
        self._end()
        if self.pooler:
            self.pooler.stop()
            self.pooler = None
        if self._postgres:
            self._postgres.stop()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def ended(self) -> Path | None:
        """The log of a process that stopped by itself; it is named after that process."""
        for server in (self._postgres, self.pooler):
            if server and server.ended:
                return server.log
        ended = (name for name, child in self._children.items() if child.ended)
        return next((self.logs / f"{name}.log" for name in ended), None)

    def _given(self, *names: str) -> dict[str, str]:
        return {name: self._settings[name] for name in names if name in self._settings}

    def _processes_of(self, name: str) -> list[str]:
        """Name the processes of a service; the edge is one, since it is Fly's proxy as well."""
        several = range(2, self._processes + 1) if name != "edge" else ()
        return [name, *(f"{name}.{number}" for number in several)]

    def _begin(self, opened: Mapping[str, list[socket.socket]]) -> None:
        """Serve on the sockets, which are closed afterwards; return when all answer.

        The processes of a service share its socket: whoever is free takes the next caller. Each
        has one of its own besides, so that it can be asked by itself.
        """
        with ExitStack() as held:
            for name, shared in opened.items():
                processes = self._processes_of(name)
                for each in processes:
                    own = sockets.listen(held, 0) if len(processes) > 1 else shared
                    self._own_ports[each] = sockets.port_of(own[0])
                    self._children[each] = self._serve(each, list({*shared, *own}))
        for each in self._children:
            self._await_health(each)

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
        if self._pooled:
            folder = self._data / "pgbouncer"
            self.pooler = PgBouncer(folder, self.database_url, self._secrets.passwords)
            self.pooler.start()

    def _serve(self, process: str, opened: Sequence[socket.socket]) -> Child:
        """Start a process of a service: it answers what arrived while it was loading."""
        name = process.partition(".")[0]
        fds = [each.fileno() for each in opened]
        return Child(
            [
                *(sys.executable, "-m", "gunicorn", "--config", CONFIG),
                *(f"--bind=fd://{fd}" for fd in fds),
                SERVICES[name].app,
            ],
            log=self.logs / f"{process}.log",
            env=self.environment(name),
            cwd=ROOT,
            pass_fds=fds,
        )

    def _await_health(self, process: str) -> None:
        name, port = process.partition(".")[0], self._own_ports[process]
        until = time.monotonic() + PATIENCE_S
        while not self._children[process].ended and time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                with closing(asked):
                    asked.request("GET", SERVICES[name].health)
                    if asked.getresponse().status == http.HTTPStatus.OK:
                        return
            time.sleep(0.05)
        raise Failure(f"{process} does not start; its last words are in {self.logs / process}.log.")
