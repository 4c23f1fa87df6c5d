"""PostgreSQL: the pool, and the four verbs `one`, `maybe`, `many` and `run`."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg.rows import TupleRow, class_row
from psycopg_pool import ConnectionPool

from shared import problems
from shared.metrics import Reading

LOG = logging.getLogger("keyarc")

Connection = psycopg.Connection[TupleRow]
Row = TypeVar("Row")

# Statement and idle-in-transaction timeouts are settings of the roles (see migrations/): a pooler
# in transaction mode refuses them in a connection's options.
TIMEOUTS = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

# What psycopg_pool counts, what that is called here, and what it means.
GAUGES = (
    ("pool_size", "connections", "Connections to the database."),
    ("pool_available", "connections_idle", "Those that nobody uses."),
    ("pool_max", "connections_max", "The most that there may be."),
    ("requests_waiting", "waiting", "Requests that wait for a connection."),
)
TOTALS = (
    ("requests_num", "borrowed", "Connections that were asked for."),
    ("requests_errors", "refused", "Of those, the ones that nobody got."),
    ("connections_num", "connects", "Attempts to connect."),
    ("connections_errors", "connect_errors", "Attempts that failed."),
)


class Pool:
    """Connections to one database; none is made before the first question."""

    def __init__(self, url: str) -> None:
        self._pool = ConnectionPool(
            url,
            kwargs={**TIMEOUTS, "prepare_threshold": None},
            open=False,  # its threads would not survive the fork of the server's worker
            check=ConnectionPool.check_connection,
            min_size=0,
            max_size=4,
            max_idle=60,
            max_lifetime=600,
            timeout=5,
            reconnect_timeout=5,  # its delays double: a longer one outlasts the database's return
        )

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Yield a connection in one transaction: committed at the end, undone by any exception.

        A database that does not answer, or not as it should, is the problem 503. What a new row
        was to belong to, and somebody deleted since the transaction began, is not found.
        """
        try:
            with self.borrow() as conn:
                yield conn
        except psycopg.errors.ForeignKeyViolation as ex:
            raise problems.NotFound from ex
        except (psycopg.IntegrityError, psycopg.DataError):
            raise  # a fault of ours: trying again would not help
        except psycopg.Error as ex:
            LOG.exception("database")
            raise problems.Unavailable from ex

    def borrow(self) -> AbstractContextManager[Connection]:
        """Return a connection for one transaction, with psycopg's own errors."""
        self._pool.open()
        return self._pool.connection()

    def read(self, ask: Callable[[Connection], Row]) -> Row:
        """Return the answer to a question that changes nothing: asked again if the line died."""
        with self.connection() as conn:
            try:
                return ask(conn)
            except psycopg.OperationalError:
                if not conn.closed:
                    raise
        with self.connection() as conn:
            return ask(conn)

    def ready(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self.connection() as conn:
                conn.execute("SELECT 1")
        except problems.Unavailable:
            return False
        return True

    def readings(self) -> Iterator[Reading]:
        """Yield what the pool counts; asks nothing of the database."""
        told = self._pool.get_stats()
        for key, name, meaning in GAUGES:
            yield Reading(f"keyarc_database_{name}", meaning, told.get(key, 0))
        for key, name, meaning in TOTALS:
            yield Reading(f"keyarc_database_{name}", meaning, told.get(key, 0), total=True)
        waited, meaning = told.get("requests_wait_ms", 0), "Time that requests waited for one."
        yield Reading("keyarc_database_wait_seconds", meaning, waited / 1000, total=True)

    def close(self) -> None:
        self._pool.close()


def open_pool(url: str) -> Pool:
    """Return the pool of a service."""
    return Pool(url)


def one(conn: Connection, row: type[Row], sql: LiteralString, **params: Any) -> Row:
    """Return the row; raise NotFound if there is none."""
    found = maybe(conn, row, sql, **params)
    if found is None:
        raise problems.NotFound
    return found


def maybe(conn: Connection, row: type[Row], sql: LiteralString, **params: Any) -> Row | None:
    """Return the first row, if there is one."""
    with conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(sql, params).fetchone()


def many(conn: Connection, row: type[Row], sql: LiteralString, **params: Any) -> list[Row]:
    """Return every row."""
    with conn.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(sql, params).fetchall()


def run(conn: Connection, sql: LiteralString, **params: Any) -> int:
    """Change something; return how many rows."""
    with conn.cursor() as cursor:
        return cursor.execute(sql, params).rowcount
