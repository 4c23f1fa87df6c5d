"""Runs a job: once at a time, once a day, and for the days that were missed."""

import argparse
import importlib
import logging
import logging.config
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, Protocol, cast

import psycopg
from psycopg import conninfo

from handlers.jobs import programs, runs_sql
from handlers.jobs.failures import Failure
from shared import db, log
from shared.db import Connection

LOG = logging.getLogger("keyarc")

JOBS = ("backup", "mail", "purge", "remind")
ROLE = "SET LOCAL ROLE keyarc_jobs"


class Job(Protocol):
    """A module of this folder: its first line says what it does."""

    __doc__: str

    def work(self, url: str) -> Mapping[str, Any]:
        """Do it in the database *url*, for all days that were missed, and again without harm.

        Return what is worth noting, nothing secret among it.
        """
        ...


def main(arguments: Sequence[str]) -> int:
    """Run one job: 0 it is done, by us or before; 1 it failed; 2 there is no such job."""
    options = _parser().parse_args(arguments)
    if options.name == "ls":
        for name in JOBS:
            first_line = _job(name).__doc__.partition("\n")[0]
            print(f"{name:8} {first_line}")  # noqa: T201 - asked for
        return 0
    logging.config.dictConfig(log.settings("jobs"))
    signal.signal(signal.SIGTERM, _stop)
    try:
        run(options.name, from_env(), again=options.again)
    except Failure as ex:
        LOG.error("job failed: %s", ex, extra={"line": {"job": options.name}})  # noqa: TRY400 - the sentence says it
        return 1
    except Exception:
        LOG.exception("job failed", extra={"line": {"job": options.name}})
        return 1
    return 0


def from_env() -> str:
    """Return the URL of the database, past a pooler where there is one."""
    url = os.environ.get("DIRECT_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if not url:
        raise Failure("Neither DIRECT_DATABASE_URL nor DATABASE_URL is set.")
    return url


def run(name: str, url: str, *, again: bool = False) -> Mapping[str, Any]:
    """Do the work of the days that are due, with *again* at least today's; return its result.

    Whoever comes second waits for the first, and finds nothing left to do.
    """
    began = time.monotonic()
    with connection(url) as conn, transaction(conn):
        conn.execute("SET LOCAL statement_timeout = 0")
        conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        conn.execute("SET LOCAL lock_timeout = '1h'")
        runs_sql.lock(conn, name)
        days = runs_sql.due(conn, name) or ([runs_sql.today(conn)] if again else [])
        if not days:
            LOG.info("job was done before", extra={"line": {"job": name}})
            return {}
        result = _job(name).work(url)
        runs_sql.done(conn, name, days, result)
    told = {"job": name, "days": [day.isoformat() for day in days]}
    seconds = round(time.monotonic() - began, 1)
    LOG.info("job done", extra={"line": told | {"seconds": seconds} | dict(result)})
    return result


@contextmanager
def connection(url: str) -> Iterator[Connection]:
    """Yield a connection to the database of jobs."""
    try:
        timed = conninfo.make_conninfo(url, **db.TIMEOUTS)
        with psycopg.connect(timed, autocommit=True, prepare_threshold=None) as conn:
            yield conn
    except psycopg.errors.LockNotAvailable as ex:
        raise Failure("Another machine has been at this job for an hour.") from ex
    except psycopg.OperationalError as ex:
        why = str(ex).strip().partition("\n")[0].rstrip(".")
        raise Failure(f"The database does not answer: {why}.") from ex
    except psycopg.ProgrammingError as ex:
        if ex.sqlstate:
            raise
        raise Failure(programs.NO_URL) from ex


@contextmanager
def transaction(conn: Connection) -> Iterator[None]:
    """Hold a transaction with the rights of jobs and no other."""
    with conn.transaction():
        try:
            conn.execute(ROLE)
        except psycopg.errors.InsufficientPrivilege as ex:
            raise Failure(
                "The database's user may not act as keyarc_jobs: GRANT keyarc_jobs TO that user."
            ) from ex
        yield


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    """End as what is under way ends: it takes back what it has half done."""
    sys.exit(128 + number)


def _job(name: str) -> Job:
    return cast("Job", importlib.import_module(f"handlers.jobs.{name}"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m handlers.jobs", description=main.__doc__)
    parser.add_argument("name", choices=("ls", *JOBS), metavar="NAME", help="a job, or ls: which")
    parser.add_argument("--again", action="store_true", help="even if it is done for today")
    return parser
