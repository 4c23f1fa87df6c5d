"""PostgreSQL's programs reach the database as the services do, and tell nobody how."""

import subprocess
from pathlib import Path

import pytest
from psycopg import conninfo

from handlers.jobs import backup, programs
from handlers.jobs.failures import Failure
from tests.installations import Installation
from tests.jobs import tls


def test_a_database_is_asked_by_tls_where_its_url_says_so(
    installation: Installation, tmp_path: Path
) -> None:
    with tls.before(installation.url, tmp_path) as url:
        manifest = backup.make(url, installation.store, installation.recipient)

    assert manifest.size > 0


def test_a_database_that_somebody_else_vouches_for_is_not_asked(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other, _ = tls.certificate(tmp_path / "other")
    with tls.before(installation.url, tmp_path) as url:
        wrong = conninfo.make_conninfo(url, sslrootcert=str(other))

        with pytest.raises(Failure, match="certificate verify failed"):
            backup.make(wrong, installation.store, installation.recipient)
        refused = subprocess.run(
            [programs.path("pg_dump")],
            env=programs.environment(wrong),
            capture_output=True,
            text=True,
            check=False,
        )
    assert "certificate verify failed" in refused.stderr


def test_a_password_stands_in_the_environment_of_a_program_only() -> None:
    url = "postgresql://me:hidden-word@db.example.com:6543/keyarc?sslmode=verify-full&keepalives=1"

    told = programs.environment(url)

    assert {name: text for name, text in told.items() if name.startswith("PG")} == {
        "PGCONNECT_TIMEOUT": "10",
        "PGDATABASE": "keyarc",
        "PGHOST": "db.example.com",
        "PGPASSWORD": "hidden-word",
        "PGPORT": "6543",
        "PGSSLMODE": "verify-full",
        "PGUSER": "me",
    }
    assert programs.described(url) == "keyarc at db.example.com"
