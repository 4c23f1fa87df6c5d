"""Makes a database ready for the services: its tables, and a password for each one's role."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import conninfo, sql

from machines.failures import Failure

ROOT = Path(__file__).parents[1]


def check(url: str, called: str = "--database") -> None:
    """Fail with help when nothing answers at *url*, which the operator gave as *called*."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.ProgrammingError as ex:
        # What psycopg says may quote a password from the middle of it.
        raise Failure(
            f"{called} is not an address like postgresql://user:password@host/database."
        ) from ex
    except psycopg.OperationalError as ex:
        why = str(ex).strip().partition("\n")[0].rstrip(".")
        raise Failure(f"The database does not answer: {why}.") from ex


def migrate(url: str, log: Path) -> None:
    """Bring the schema to its newest version; what alembic says goes to *log*."""
    with log.open("ab") as out:
        done = subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        raise Failure(f"The database cannot be migrated; why is in {log}.")


def let_in(url: str, passwords: Mapping[str, str]) -> None:
    """Give each role its password and the right to log in."""
    with psycopg.connect(url) as conn:
        for role, password in passwords.items():
            conn.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(password)
                )
            )


def url_for(url: str, role: str, password: str) -> str:
    """The same database, as *role*."""
    parts = conninfo.conninfo_to_dict(url)
    name = quote(str(parts.pop("dbname", None) or parts.get("user", "postgres")), safe="")
    rest = {key: value for key, value in parts.items() if key not in {"user", "password"}}
    return f"postgresql://{role}:{quote(password, safe='')}@/{name}?{urlencode(rest)}"
