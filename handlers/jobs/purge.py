"""Removes what is over: sessions, used refresh tokens, challenges, requests, old limits."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.jobs import purge_sql as sql
from handlers.jobs import run
from shared.db import Connection

BATCH = 1000  # rows that a transaction holds at most
REMOVALS = {
    "challenges": sql.remove_challenges,
    "device_requests": sql.remove_device_requests,
    "email_verifications": sql.remove_email_verifications,
    "limits": sql.remove_limits,
    "links": sql.remove_links,
    "mails": sql.remove_mails,
    "recoveries": sql.remove_recoveries,
    "refresh_tokens": sql.remove_tokens,
    "sessions": sql.remove_sessions,
}


def work(url: str) -> Mapping[str, Any]:
    """One purge makes up for every day that was missed."""
    with run.connection(url) as conn:
        return {name: _in_batches(conn, remove) for name, remove in REMOVALS.items()}


def _in_batches(conn: Connection, remove: Callable[[Connection, int], int]) -> int:
    """Remove until there is nothing left; what was removed stays so if a later batch fails."""
    total = 0
    while True:
        with run.transaction(conn):
            removed = remove(conn, BATCH)
        total += removed
        if removed < BATCH:
            return total
