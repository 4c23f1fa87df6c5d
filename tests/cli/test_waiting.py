"""A server that asks to wait is obeyed: visibly where somebody looks, else it is an error."""

from collections.abc import Iterator

import psycopg
import pytest

from machines.stack import Stack
from shared.db import Connection
from tests.cli.conftest import NewDevice
from tests.cli.keyarc import Keyarc


@pytest.fixture
def conn(stack: Stack) -> Iterator[Connection]:
    """A connection to the stack's database; what was tried is forgotten afterwards."""
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        yield conn
        conn.execute("DELETE FROM limits")


@pytest.fixture
def someone(device: NewDevice) -> Keyarc:
    """Somebody with an account, on a second device that has not logged in."""
    first = device()
    account_key = first("signup").out.splitlines()[0].split()[-1]
    second = device(first.email)
    second.variables["KEYARC_ACCOUNT_KEY"] = account_key
    second("login")
    second("logout")
    return second


def block(conn: Connection, seconds: int) -> None:
    conn.execute("UPDATE limits SET blocked_until = now() + make_interval(secs => %s)", (seconds,))


def test_on_a_terminal_the_seconds_are_counted_and_then_it_goes_on(
    someone: Keyarc, conn: Connection
) -> None:
    someone.password, password = "", someone.password
    block(conn, 5)

    shown = someone.on_terminal("login", talk=[("Password:", f"{password}\n")]).err

    seconds = [int(part.split()[0]) for part in shown.split("going on in ")[1:]]
    assert seconds == list(range(seconds[0], 0, -1))
    assert shown.rpartition("s \x1b[K")[2].startswith("\r\x1b[K")
    someone("ls")


def test_without_a_terminal_a_long_wait_is_one_sentence_and_an_exit_code(
    someone: Keyarc, conn: Connection
) -> None:
    block(conn, 3000)

    result = someone("login", code=7)

    assert result.err.startswith("keyarc: too many requests: try again in ")
    assert result.err.count("\n") == 1
    assert result.out == ""
