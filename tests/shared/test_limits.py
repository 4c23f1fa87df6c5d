"""How often something may be tried, and for how long nobody has to wait for ever."""

import pytest

from shared import limits
from shared.db import Connection
from shared.limits import Rule
from shared.problems import TooManyRequests
from tests.databases import OneTransaction

THREE = Rule("test.three", free=3, forget_s=60, first_s=2, longest_s=30)
OWN = Rule("test.own", free=3, forget_s=60, first_s=2, longest_s=30, whole=True)


@pytest.fixture
def pool(conn: Connection) -> OneTransaction:
    return OneTransaction(conn, "keyarc_auth")


def older(conn: Connection, seconds: float) -> None:
    """Let everything that was counted be *seconds* older."""
    conn.execute(
        """UPDATE limits
              SET counted_at = counted_at - make_interval(secs => %(seconds)s),
                  blocked_until = blocked_until - make_interval(secs => %(seconds)s)""",
        {"seconds": seconds},
    )


def refused(pool: OneTransaction, rule: Rule, subject: limits.Subject) -> int | None:
    """Try; return how long to wait, or None if that is not necessary."""
    try:
        limits.take(pool, (rule, subject))
    except TooManyRequests as ex:
        return int(dict(ex.headers or {})["Retry-After"])
    return None


def test_free_attempts_cost_nothing_and_the_next_one_waits(pool: OneTransaction) -> None:
    for _ in range(3):
        assert refused(pool, THREE, "a") is None

    assert refused(pool, THREE, "a") == 2


def test_each_further_attempt_doubles_the_wait_up_to_the_longest(
    pool: OneTransaction, conn: Connection
) -> None:
    waits: list[int | None] = []
    for _ in range(3):
        limits.take(pool, (THREE, "a"))
    while len(waits) < 6:
        waits.append(refused(pool, THREE, "a"))
        conn.execute("UPDATE limits SET blocked_until = now() - interval '1 second'")
        assert refused(pool, THREE, "a") is None

    assert waits == [2, 4, 8, 16, 30, 30]
