"""Every statement over ``job_runs``, and the locks of jobs. Days are UTC's, by the database."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared import db
from shared.db import Connection


@dataclass(frozen=True, slots=True)
class Day:
    """A day whose work is to be done."""

    day: dt.date


# A lock of the transaction: right through a pooler too, and gone with whoever held it.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('keyarc/jobs/' || %(job)s))"


def lock(conn: Connection, job: str) -> None:
    """Wait until nobody else does *job*; nobody else will until the transaction ends."""
    db.run(conn, LOCK, job=job)


# A job that never ran has no missed days. What was missed for more than a month is not made up for.
DUE = """
    SELECT today - ago AS day
      FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today,
                   (SELECT max(day) FROM job_runs WHERE job = %(job)s) AS last) AS at,
           generate_series(0, 30) AS ago
     WHERE coalesce(today - ago > last, ago = 0)
     ORDER BY day
"""


def due(conn: Connection, job: str) -> list[dt.date]:
    """Return every day since the last success, today included; none if that was today."""
    return [row.day for row in db.many(conn, Day, DUE, job=job)]


TODAY = "SELECT (now() AT TIME ZONE 'UTC')::date AS day"


def today(conn: Connection) -> dt.date:
    return db.one(conn, Day, TODAY).day


DONE = """
    INSERT INTO job_runs (job, day, started_at, finished_at, result)
    SELECT %(job)s, day, now(), clock_timestamp(), %(result)s
      FROM unnest(%(days)s::date[]) AS day
        ON CONFLICT ON CONSTRAINT job_runs_pkey DO UPDATE
       SET started_at = excluded.started_at,
           finished_at = excluded.finished_at,
           result = excluded.result
"""


def done(conn: Connection, job: str, days: Sequence[dt.date], result: Mapping[str, Any]) -> None:
    """Note that the work of *days* is done; the job began when the transaction did."""
    db.run(conn, DONE, job=job, days=list(days), result=json.dumps(result))
