"""The schema's versions: one line, up, down and up again, by several at once."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests import databases
from tests.databases import ROOT

OBJECTS = """
    SELECT c.relkind::text, c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
           a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace
     UNION ALL
    SELECT contype::text, conname, conrelid::regclass::text, pg_get_constraintdef(oid), true, null
      FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
     UNION ALL
    SELECT 'f', proname, pg_get_function_identity_arguments(oid), prosrc, true, null
      FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace
     ORDER BY 1, 2, 3, 4
"""
RIGHTS = """
    SELECT grantee, table_name, privilege_type
      FROM information_schema.role_table_grants
     WHERE grantee LIKE 'keyarc%'
     ORDER BY 1, 2, 3
"""


@pytest.fixture
def empty(database_server: str) -> Iterator[str]:
    """The URL of an empty database."""
    with databases.fresh(database_server, f"keyarc_{uuid4().hex}") as url:
        yield url


def test_the_versions_are_one_line() -> None:
    config = Config(toml_file=str(ROOT / "pyproject.toml"))

    versions = ScriptDirectory.from_config(config)

    assert len(versions.get_heads()) == 1
    assert [version.revision for version in versions.walk_revisions()] == sorted(
        (version.revision for version in versions.walk_revisions()), reverse=True
    )


def test_up_down_and_up_again_is_up(empty: str) -> None:
    databases.migrate(empty)
    first = _look(empty)
    databases.migrate(empty, "downgrade", "base")
    bare = _look(empty)

    databases.migrate(empty, "upgrade", "head")

    assert _look(empty) == first
    assert {name for _, name, *_ in bare} <= {
        "alembic_version",
        "alembic_version_pkc",
        "alembic_version_version_num_not_null",
    }


def test_two_machines_may_migrate_at_once(empty: str) -> None:
    with ThreadPoolExecutor(2) as executor:
        for done in [executor.submit(databases.migrate, empty) for _ in range(2)]:
            done.result()

    assert _look(empty)


def test_a_missing_address_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert done.stderr.splitlines()[-1] == "DATABASE_URL is not set."


def test_every_constraint_has_a_name_of_ours(database: str) -> None:
    with psycopg.connect(database) as conn:
        rows = conn.execute(
            """SELECT conname, relname
                 FROM pg_constraint
                 JOIN pg_class ON pg_class.oid = conrelid
                WHERE pg_constraint.connamespace = 'public'::regnamespace"""
        ).fetchall()

    # PostgreSQL numbers the names that it has to make up a second time.
    assert all(name.startswith(table) and not name[-1].isdigit() for name, table in rows)


def _look(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as conn:
        return conn.execute(OBJECTS).fetchall() + conn.execute(RIGHTS).fetchall()
