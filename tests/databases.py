"""A database of the tests: empty, migrated, and seen by a service through one transaction."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from machines.pgbouncer import PgBouncer
from shared import db

ROOT = Path(__file__).parents[1]

# The newest migration: what `migrate` leads to.
HEAD = max(path.name[:4] for path in ROOT.glob("migrations/versions/*.py"))


@contextmanager
def fresh(server: str, name: str) -> Iterator[str]:
    """Yield the URL of a new, empty database on the server of *server*; drop it afterwards."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield conninfo.make_conninfo(server, dbname=name)
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def pooled(folder: Path, url: str) -> Iterator[str]:
    """Yield the URL of the same user of the same database, through PgBouncer."""
    who = conninfo.conninfo_to_dict(url)
    user, password = str(who["user"]), str(who.get("password", ""))
    with PgBouncer(folder, url, {user: password}, pool_size=40) as pooler:
        yield conninfo.make_conninfo(pooler.url, user=user, password=password)


# A transaction begins with nobody who asks.
NOBODY = (
    "SET LOCAL keyarc.session = ''; SET LOCAL keyarc.vault = ''; SET LOCAL keyarc.invitation = ''"
)


def migrate(url: str, *command: str) -> None:
    """Run alembic as the release does; the default is up to the newest version."""
    subprocess.run(
        [sys.executable, "-m", "alembic", *(command or ("upgrade", "head"))],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        check=True,
    )


class AsRole(db.Pool):
    """The pool of a service over connections of the owner; every request is a transaction."""

    def __init__(self, url: str, role: str) -> None:
        super().__init__(url)
        self._role = sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role))

    @contextmanager
    def borrow(self) -> Iterator[db.Connection]:
        with super().borrow() as conn:
            conn.execute(self._role)
            yield conn


class OneTransaction(db.Pool):
    """The pool of a service that sees, as its role, what the test's own connection sees.

    A request is a savepoint: what fails is undone, and the test goes on.
    """

    def __init__(self, conn: db.Connection, role: str) -> None:
        self._conn = conn
        self._begin = sql.SQL("SET LOCAL ROLE {}; " + NOBODY).format(sql.Identifier(role))

    @contextmanager
    def borrow(self) -> Iterator[db.Connection]:
        with self._conn.transaction():
            self._conn.execute(self._begin)
            yield self._conn
            self._conn.execute("RESET ROLE")
