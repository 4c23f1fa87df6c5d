"""When a job was done is told; of a database that is away nothing is."""

from handlers.auth import job_runs
from shared import db
from shared.db import Connection
from tests.databases import OneTransaction

# Other tests may have run a job in this database.
DONE = """
    DELETE FROM job_runs;
    INSERT INTO job_runs (job, day, started_at, finished_at, result)
    VALUES ('backup', '2026-01-01', now(), to_timestamp(1767225600), '{}'),
           ('backup', '2026-01-02', now(), to_timestamp(1767312000), '{}'),
           ('purge', '2026-01-01', now(), to_timestamp(1767225601), '{}')
"""


def test_the_last_run_of_each_job_is_told_with_the_rights_of_auth(conn: Connection) -> None:
    conn.execute(DONE)

    told = job_runs.readings(OneTransaction(conn, "keyarc_auth"))

    assert [(one.labels, one.value) for one in told] == [
        ({"name": "backup"}, 1767312000),
        ({"name": "purge"}, 1767225601),
    ]


def test_a_database_that_is_away_tells_nothing() -> None:
    pool = db.open_pool("postgresql://nobody@127.0.0.1:9/none")

    assert list(job_runs.readings(pool)) == []
    pool.close()
