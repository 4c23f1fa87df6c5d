"""How often something may be tried, and for how long nobody has to wait for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest

from shared import limits
from shared.db import Connection
from shared.limits import Rule
from shared.problems import TooManyRequests
from tests.databases import AsRole, OneTransaction

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


def wait(pool: AsRole | OneTransaction, *tries: tuple[Rule, limits.Subject]) -> int | None:
    """Try; return how long to wait, or None if that is not necessary."""
    try:
        limits.take(pool, *tries)
    except TooManyRequests as ex:
        return int(dict(ex.headers or {})["Retry-After"])
    return None


def test_free_attempts_cost_nothing_and_the_next_one_waits(pool: OneTransaction) -> None:
    waits = [wait(pool, (THREE, "a")) for _ in range(5)]

    assert waits == [None, None, None, 2, 2]


def test_each_further_attempt_doubles_the_wait_up_to_the_longest(
    pool: OneTransaction, conn: Connection
) -> None:
    waits: list[int | None] = []
    for _ in range(3):
        limits.take(pool, (THREE, "a"))
    while len(waits) < 6:
        waits.append(wait(pool, (THREE, "a")))
        conn.execute("UPDATE limits SET blocked_until = now() - interval '1 second'")
        assert wait(pool, (THREE, "a")) is None

    assert waits == [2, 4, 8, 16, 30, 30]


def test_a_wait_ends_however_much_was_tried_and_who_waits_is_forgotten(
    pool: OneTransaction, conn: Connection
) -> None:
    """S07: no permanent lock: after 10,000 attempts as after ten."""
    limits.take(pool, (THREE, "a"))
    conn.execute("UPDATE limits SET attempts = 10000, blocked_until = now()")
    assert wait(pool, (THREE, "a")) is None
    assert wait(pool, (THREE, "a")) == 30

    older(conn, 31)
    after_the_wait = wait(pool, (THREE, "a"))
    older(conn, 10_003 * 60)

    assert after_the_wait is None
    assert [wait(pool, (THREE, "a")) for _ in range(3)] == [None, None, None]


def test_trying_while_one_has_to_wait_makes_no_wait_longer(
    pool: OneTransaction, conn: Connection
) -> None:
    for _ in range(100):
        wait(pool, (THREE, "a"))

    older(conn, 2)

    assert wait(pool, (THREE, "a")) is None


def test_one_attempt_is_forgotten_in_its_time(pool: OneTransaction, conn: Connection) -> None:
    for _ in range(2):
        limits.take(pool, (THREE, "a"))
    older(conn, 60)

    waits = [wait(pool, (THREE, "a")) for _ in range(3)]

    assert waits == [None, None, 2]


def test_subjects_and_rules_are_counted_apart(pool: OneTransaction) -> None:
    for _ in range(4):
        wait(pool, (THREE, "a"))

    assert wait(pool, (THREE, "b")) is None
    assert wait(pool, (OWN, "a")) is None
    assert wait(pool, (THREE, uuid4())) is None
    assert wait(pool, (THREE, None)) is None
    assert wait(pool, (THREE, "a")) == 2


def test_whoever_has_to_wait_for_one_rule_uses_up_no_other(pool: OneTransaction) -> None:
    for _ in range(4):
        wait(pool, (THREE, "a"))
    for _ in range(5):
        assert wait(pool, (THREE, "a"), (OWN, "b")) == 2

    assert [wait(pool, (OWN, "b")) for _ in range(4)] == [None, None, None, 2]


def test_a_success_takes_back_what_it_cost_and_no_more(pool: OneTransaction) -> None:
    for _ in range(2):
        limits.take(pool, (THREE, "network"))
    limits.take(pool, (THREE, "network"))
    limits.forgive(pool, (THREE, "network"))

    assert [wait(pool, (THREE, "network")) for _ in range(2)] == [None, 2]


def test_a_success_of_ones_own_takes_everything_back(
    pool: OneTransaction, conn: Connection
) -> None:
    for _ in range(3):
        limits.take(pool, (OWN, "a"))
    older(conn, 2)
    limits.take(pool, (OWN, "a"))
    limits.forgive(pool, (OWN, "a"))

    assert [wait(pool, (OWN, "a")) for _ in range(3)] == [None, None, None]


def test_the_table_names_nobody(pool: OneTransaction, conn: Connection) -> None:
    conn.execute("DELETE FROM limits")
    limits.take(pool, *limits.login("someone@example.com", "192.0.2.7"))
    first = conn.execute("SELECT * FROM limits ORDER BY subject_hash").fetchall()
    conn.execute("UPDATE installation SET decoy_key = sha256(decoy_key)")
    limits.take(pool, *limits.login("someone@example.com", "192.0.2.7"))
    hashes = {row[0] for row in conn.execute("SELECT subject_hash FROM limits").fetchall()}

    assert len(first) == 4
    assert "someone" not in str(first)
    assert "192.0.2" not in str(first)
    assert len(hashes) == 8  # nobody without the installation's key can try addresses out


@pytest.fixture
def processes(database: str) -> Iterator[list[AsRole]]:
    """Pools as each process of each service has one, over transactions that are real."""
    pools = [AsRole(database, f"keyarc_{service}") for service in ("auth", "auth", "account")]
    yield pools
    for pool in pools:
        pool.close()
    with psycopg.connect(database) as conn:
        conn.execute("DELETE FROM limits")


def test_all_processes_count_together_and_what_was_counted_survives_them(
    processes: list[AsRole], database: str
) -> None:
    """S07: neither more machines nor a restart give anybody more attempts."""
    waits = [wait(pool, (THREE, "a")) for pool in processes]
    for pool in processes:
        pool.close()

    later = AsRole(database, "keyarc_auth")
    waits.append(wait(later, (THREE, "a")))
    later.close()

    assert waits == [None, None, None, 2]


def test_of_many_attempts_at_the_same_moment_no_more_pass_than_are_free(
    processes: list[AsRole],
) -> None:
    """S07: whoever guesses from many connections at once gains nothing."""
    with ThreadPoolExecutor(12) as executor:
        waits = [
            *executor.map(
                lambda number: wait(processes[number % 3], (THREE, "a"), (OWN, str(number % 5))),
                range(60),
            )
        ]

    assert waits.count(None) == 3
