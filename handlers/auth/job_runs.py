"""When each job was last done: what the clock asks for is missed where nobody looks."""

from collections.abc import Iterable

from handlers.auth import job_runs_sql as sql
from shared import db, problems
from shared.metrics import Reading

NAME = "keyarc_job_done_timestamp_seconds"
MEANING = "When the job was last done, in seconds since 1970."


def readings(pool: db.Pool) -> Iterable[Reading]:
    """Return one for each job; none where the database does not tell."""
    try:
        with pool.connection() as conn:
            runs = sql.last(conn)
    except problems.Unavailable:
        return []
    return [Reading(NAME, MEANING, run.done, {"name": run.job}) for run in runs]
