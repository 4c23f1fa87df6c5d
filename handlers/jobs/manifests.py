"""What stands beside a backup: when, how large, its hash, and what must be in it again."""

import datetime as dt
import re
from dataclasses import asdict, dataclass
from typing import Any, Self

from psycopg.rows import scalar_row
from psycopg.sql import SQL, Identifier

from handlers.jobs.failures import Failure
from handlers.jobs.store import Store
from shared.db import Connection

ARCHIVE = ".dump.age"
MANIFEST = ".json"
PREFIX = "keyarc-"
INSTANT = "%Y%m%dT%H%M%SZ"
HASH = re.compile("[0-9a-f]{64}")

AT = """
    SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
"""
TABLES = """
    SELECT relname
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace
       AND relkind IN ('r', 'p')
       AND NOT relispartition
     ORDER BY relname
"""
# A dump holds what roles may do, and not the roles: those belong to the cluster.
ROLES = r"""
    SELECT rolname, coalesce(
               (SELECT setconfig
                  FROM pg_db_role_setting
                 WHERE setrole = pg_roles.oid
                   AND setdatabase = 0),
               '{}')
      FROM pg_roles
     WHERE rolname LIKE 'keyarc\_%'
     ORDER BY rolname
"""
COUNT = SQL("SELECT count(*) FROM {}")


@dataclass(frozen=True)
class Contents:
    """What a database holds at one instant, without what is in it."""

    at: str
    server: str
    migration: str
    rows: dict[str, int]
    roles: dict[str, list[str]]

    @classmethod
    def of(cls, conn: Connection) -> Self:
        """Look through the snapshot of the transaction; raise Failure if it is not KeyArc's."""
        with conn.cursor(row_factory=scalar_row) as cursor:
            tables = cursor.execute(TABLES).fetchall()
            if "alembic_version" not in tables:
                raise Failure("The database is not KeyArc's: it has no table alembic_version.")
            at = cursor.execute(AT).fetchone()
            version = cursor.execute("SELECT version_num FROM alembic_version").fetchone()
            server = cursor.execute("SHOW server_version").fetchone()
            rows = {
                table: int(cursor.execute(COUNT.format(Identifier(table))).fetchone() or 0)
                for table in tables
            }
        roles: dict[str, list[str]] = dict(conn.execute(ROLES).fetchall())
        return cls(str(at), str(server), str(version), rows, roles)


@dataclass(frozen=True)
class Manifest:
    """A whole backup: it is written last, so that a backup without it is none."""

    name: str
    size: int
    sha256: str
    recipient: str
    contents: Contents

    @property
    def archive(self) -> str:
        """The object that it describes."""
        return self.name + ARCHIVE

    @property
    def at(self) -> dt.datetime:
        """The instant whose state it holds."""
        return made_at(self.name)

    def media(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, store: Store, name: str) -> Self:
        """Fetch one; raise Failure where it is none."""
        told = store.read_json(name + MANIFEST)
        try:
            found = cls(**told | {"contents": Contents(**told["contents"])})
            good = found.name == name and HASH.fullmatch(found.sha256) and found.size >= 0
        except (KeyError, TypeError) as ex:
            raise Failure(f"{name}{MANIFEST} is not the manifest of a backup.") from ex
        if not good:
            raise Failure(f"{name}{MANIFEST} is not the manifest of a backup.")
        return found


def named(contents: Contents) -> str:
    """Return the name of a backup with *contents*: when it was made."""
    return PREFIX + contents.at.replace("-", "").replace(":", "")


def made_at(name: str) -> dt.datetime:
    """Return the instant that a name tells; raise ValueError for another kind of name."""
    return dt.datetime.strptime(name, PREFIX + INSTANT).replace(tzinfo=dt.UTC)


def names(store: Store) -> list[str]:
    """Return the names of all whole backups, the oldest first."""
    return [
        name
        for each in store.names()
        if each.endswith(MANIFEST) and _is_name(name := each.removesuffix(MANIFEST))
    ]


def _is_name(text: str) -> bool:
    try:
        made_at(text)
    except ValueError:
        return False
    return True
