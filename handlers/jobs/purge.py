"""Removes sessions that are over, and refresh tokens that were used long ago."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.jobs import purge_sql as sql
from handlers.jobs import run
from shared.db import Connection

BATCH = 1000  # rows that a transaction holds at most


def work(url: str) -> Mapping[str, Any]:
    """One purge makes up for every day that was missed."""
    with run.connection(url) as conn:
        return {
            "sessions": _in_batches(conn, sql.remove_sessions),
            "refresh_tokens": _in_batches(conn, sql.remove_tokens),
        }


def _in_batches(conn: Connection, remove: Callable[[Connection, int], int]) -> int:
    """Remove until there is nothing left; what was removed stays so if a later batch fails."""
    total = 0
    while True:
        with run.transaction(conn):
            removed = remove(conn, BATCH)
        total += removed
        if removed < BATCH:
            return total
