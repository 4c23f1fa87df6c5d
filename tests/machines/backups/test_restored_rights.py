"""Who may do what is restored too, also by an owner who is no superuser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from handlers.jobs import purge, run
from handlers.jobs.manifests import Manifest
from machines.postgres import Postgres
from tests.installations import Installation
from tests.machines.backups.restoring import restored


def test_the_services_may_afterwards_what_they_might_before(
    installation: Installation, made: Manifest, key: Path, empty: str
) -> None:
    restored("--into", empty, "--identity", key)

    assert made
    assert rights(empty) == rights(installation.url)


def rights(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as conn:
        return conn.execute(
            """SELECT relname, concat(coalesce(relacl, acldefault('r', relowner)), relrowsecurity)
                 FROM pg_class
                WHERE relnamespace = 'public'::regnamespace
                UNION ALL
               SELECT relname || '.' || attname, attacl::text
                 FROM pg_attribute
                 JOIN pg_class ON pg_class.oid = attrelid
                WHERE relnamespace = 'public'::regnamespace
                  AND NOT attisdropped
                UNION ALL
               SELECT proname, concat(coalesce(proacl, acldefault('f', proowner)), prosecdef,
                                      proconfig)
                 FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace
                UNION ALL
               SELECT tablename || ' ' || policyname,
                      concat(permissive, roles, cmd, qual, ' check ', with_check)
                 FROM pg_policies
                UNION ALL
               SELECT nspname, (SELECT array_agg(each::text ORDER BY each::text)::text
                                  FROM unnest(nspacl) AS each)
                 FROM pg_namespace
                WHERE nspname = 'public'
                ORDER BY 1, 2"""
        ).fetchall()


def test_an_owner_who_is_no_superuser_can_restore_and_run_jobs(
    made: Manifest, key: Path, tmp_path: Path
) -> None:
    """As at hosts of PostgreSQL, where nobody is superuser but the host."""
    with Postgres(tmp_path / "postgres", durable=False) as server, owner(server.url) as url:
        code = restored("--into", url, "--identity", key)
        purged = run.run("purge", url)

    assert code == 0
    assert purged == dict.fromkeys(purge.REMOVALS, 0)
    assert made


@contextmanager
def owner(server: str) -> Iterator[str]:
    """Yield the URL of somebody who owns a database and may make roles, and nothing more."""
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("CREATE ROLE an_owner LOGIN CREATEROLE PASSWORD 'of a test'")
        conn.execute(sql.SQL("CREATE DATABASE theirs OWNER an_owner"))
    yield conninfo.make_conninfo(server, user="an_owner", password="of a test", dbname="theirs")
