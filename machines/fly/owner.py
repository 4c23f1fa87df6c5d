"""The database as its owner sees it: asked for, made ready, and a password for each service."""

import getpass
import os
import secrets
import sys
from dataclasses import dataclass
from typing import Self

from psycopg import conninfo

from machines import database, environment
from machines.apps import App
from machines.failures import Failure
from machines.fly.table import OWNER, plain

HELP = """\
KeyArc needs a PostgreSQL (16 or newer) and its owner's address, which may create roles:
  Neon                 asleep when you are; DIRECT_DATABASE_URL is the address without -pooler,
                       DATABASE_URL the one with it (their console shows both)
  Fly Managed Postgres never asleep; the direct address, and that of its PgBouncer
  any other            postgresql://owner:password@host/database?sslmode=require
Only DIRECT_DATABASE_URL must be; DATABASE_URL is the same owner's by way of a pooler."""


@dataclass(frozen=True)
class Owner:
    """The owner's addresses: past any pooler, and through it. Shown to nobody."""

    direct: str
    pooled: str

    @classmethod
    def ask(cls) -> Self:
        """Read the addresses from the environment, or ask for the one that must be."""
        direct = os.environ.get(OWNER, "")
        if not direct and sys.stdin.isatty():
            print(HELP)
            direct = getpass.getpass(f"{OWNER} (is not shown): ").strip()
        if not direct:
            raise Failure(f"{HELP}\nSet {OWNER}, or answer at a terminal.")
        database.check(plain(OWNER, direct), OWNER)
        pooled = os.environ.get("DATABASE_URL")
        if pooled:
            database.check(pooled, "DATABASE_URL")
        return cls(direct, pooled or direct)

    def migrate(self) -> None:
        """Bring the schema to its newest version."""
        hosts = conninfo.conninfo_to_dict(self.direct), conninfo.conninfo_to_dict(self.pooled)
        direct, pooled = (parts.get("host") for parts in hosts)
        print(f"Migrating the database at {direct}; the services use it at {pooled} …", flush=True)
        database.migrate(self.direct, environment.VENV / "migrate.log")

    def new_url(self, app: App) -> tuple[str, str]:
        """Return a new password for the role of *app*, and the address that it makes."""
        password = secrets.token_urlsafe(32)
        return password, database.url_for(self.pooled, role(app), password)

    def let_in(self, app: App, password: str) -> None:
        """Give the role of *app* its password; whoever logged in with the old one stays."""
        database.let_in(self.direct, {role(app): password})


def role(app: App) -> str:
    """Return the role that the service has in the database."""
    return f"keyarc_{app.name}"
