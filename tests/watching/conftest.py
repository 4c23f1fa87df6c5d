"""The whole as an operator watches it."""

import datetime as dt
from collections.abc import Iterator

import psycopg
import pytest

from tests.watching.certificate import shown
from tests.watching.watched import Watched


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A stack with something to tell: of a job, of a certificate, and of a request."""
    folder = tmp_path_factory.mktemp("watched")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=60)
    with shown(folder, until) as origin, Watched(folder / "data", origin) as stack:
        with psycopg.connect(stack.database_url) as conn:
            conn.execute(
                """INSERT INTO job_runs (job, day, started_at, finished_at, result)
                   VALUES ('backup', '2026-01-01', now(), to_timestamp(1767225600), '{}'),
                          ('backup', '2025-12-31', now(), to_timestamp(1767139200), '{}')"""
            )
        assert stack.ask("GET", "/api/keys/x", token=stack.token()).status == 404
        yield stack
