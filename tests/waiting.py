"""Waiting for what happens in its own time."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

Seen = TypeVar("Seen")
LOCKED_OUT = """
    SELECT count(*)
      FROM pg_stat_activity
     WHERE datname = current_database()
       AND wait_event_type = 'Lock'
"""


def until(look: Callable[[], Seen], seconds: float = 30) -> Seen:
    """Return the first thing that *look* sees which is not empty; fail after *seconds*."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return seen


def until_locked_out(database: str, count: int = 1) -> None:
    """Return once so many statements wait for locks."""
    with psycopg.connect(database, autocommit=True) as observer:
        until(lambda: observer.execute(LOCKED_OUT).fetchone() == (count,))
