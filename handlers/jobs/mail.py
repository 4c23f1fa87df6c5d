"""Sends letters that were left over: by a relay that was away, or a machine that fell asleep."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from handlers.jobs import run
from handlers.jobs.failures import Failure
from shared import db, relays
from shared.db import Connection
from shared.postman import Postman

# Only who writes letters needs to know where their links lead; here they are written.
WRITTEN = {"PUBLIC_ORIGIN": "https://localhost"}


class Transactions(db.Pool):
    """One connection, whose transactions have the rights of jobs."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    @contextmanager
    def borrow(self) -> Iterator[Connection]:
        """Yield the connection in a transaction."""
        with run.transaction(self._conn):
            yield self._conn


def from_env() -> relays.Settings | None:
    """Return who takes our mail; None where nobody does."""
    try:
        return relays.read(WRITTEN | os.environ)
    except SystemExit as ex:
        raise Failure(str(ex)) from None


def work(url: str) -> Mapping[str, Any]:
    """Try each letter that is due once."""
    settings = from_env()
    if settings is None:
        return {"mail": "not set up"}
    with run.connection(url) as conn:
        sent, failed = Postman(Transactions(conn), settings).deliver_due()
    return {"sent": sent, "waiting": failed}
