"""What auth may ask about jobs: their names, and when they were done."""

from dataclasses import dataclass

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Run:
    """The last time that a job was done, in seconds since 1970."""

    job: str
    done: float


LAST = """
    SELECT job, extract(epoch FROM max(finished_at))::float8 AS done
      FROM job_runs
     GROUP BY job
     ORDER BY job
"""


def last(conn: Connection) -> list[Run]:
    return db.many(conn, Run, LAST)
