"""The pool, when the database behaves and when it does not."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import conninfo

from shared import db, problems
from shared.db import Connection, Pool


@dataclass(frozen=True, slots=True)
class Number:
    """A row."""

    number: int


NUMBERS = "SELECT number FROM generate_series(1, %(last)s) AS number"
KILL_OTHERS = """
    SELECT pg_terminate_backend(pid)
      FROM pg_stat_activity
     WHERE datname = current_database()
       AND pid <> pg_backend_pid()
"""


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    pool = db.open_pool(database)
    yield pool
    pool.close()


def test_the_verbs_answer_with_rows(conn: Connection) -> None:
    assert db.many(conn, Number, NUMBERS, last=2) == [Number(1), Number(2)]
    assert db.one(conn, Number, NUMBERS, last=1) == Number(1)
    assert db.maybe(conn, Number, NUMBERS, last=0) is None
    with pytest.raises(problems.NotFound):
        db.one(conn, Number, NUMBERS, last=0)


def test_a_change_tells_how_many_rows_it_changed(conn: Connection) -> None:
    assert db.run(conn, "UPDATE installation SET decoy_key = decoy_key") == 1
    assert db.run(conn, "DELETE FROM users") == 0


def test_no_connection_is_made_before_the_first_question(tmp_path: Path) -> None:
    threads = threading.active_count()

    pool = db.open_pool(f"postgresql://nobody@127.0.0.1:1/{tmp_path.name}")

    assert threading.active_count() == threads
    pool.close()


def _change(pool: Pool, ex: Exception | None) -> None:
    with pool.connection() as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS scratch (number integer UNIQUE)")
        conn.execute("INSERT INTO scratch VALUES (1)")
        if ex:
            raise ex


def test_what_raises_is_undone(pool: Pool) -> None:
    with pytest.raises(problems.Forbidden):
        _change(pool, problems.Forbidden())

    with pool.connection() as conn:
        assert conn.execute("SELECT to_regclass('scratch')").fetchone() == (None,)


def test_what_ends_well_is_kept_and_a_broken_rule_is_a_fault_of_ours(pool: Pool) -> None:
    _change(pool, None)

    with pytest.raises(psycopg.errors.UniqueViolation):
        _change(pool, None)

    with pool.connection() as conn:
        assert conn.execute("SELECT count(*) FROM scratch").fetchone() == (1,)
        conn.execute("DROP TABLE scratch")


def test_connections_cut_while_idle_are_replaced(pool: Pool, database: str) -> None:
    assert pool.ready()
    with psycopg.connect(database, autocommit=True) as other:
        other.execute(KILL_OTHERS)

    with pool.connection() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_question_is_asked_again_if_the_line_dies(pool: Pool, database: str) -> None:
    asked = []

    def ask(conn: Connection) -> int:
        asked.append(conn.execute("SELECT pg_backend_pid()").fetchone())
        if len(asked) == 1:
            with psycopg.connect(database, autocommit=True) as other:
                other.execute(KILL_OTHERS)
        return db.one(conn, Number, NUMBERS, last=1).number

    assert pool.read(ask) == 1
    assert len(set(asked)) == 2


def test_a_question_is_asked_twice_at_most(pool: Pool, database: str) -> None:
    asked = []

    def ask(conn: Connection) -> int:
        asked.append(conn.execute("SELECT pg_backend_pid()").fetchone())
        with psycopg.connect(database, autocommit=True) as other:
            other.execute(KILL_OTHERS)
        return db.one(conn, Number, NUMBERS, last=1).number

    with pytest.raises(problems.Unavailable):
        pool.read(ask)

    assert len(asked) == 2


def test_a_wrong_question_is_not_asked_again(pool: Pool) -> None:
    asked = []

    def ask(conn: Connection) -> int:
        asked.append(conn)
        conn.execute("SET LOCAL statement_timeout = 1")
        conn.execute("SELECT pg_sleep(1)")
        return 0

    with pytest.raises(problems.Unavailable):
        pool.read(ask)

    assert len(asked) == 1


def test_no_statement_is_prepared_on_the_server(pool: Pool) -> None:
    with pool.connection() as conn:
        for _ in range(10):
            db.one(conn, Number, NUMBERS, last=1)

        assert conn.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


class Line:
    """A line to the database that can be cut and mended: the port stays the same."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._sockets: list[socket.socket] = []
        self.port = 0
        self.mend()

    def mend(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._sockets.append(listener)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._sockets += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_pipe, args=pair, daemon=True).start()


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(65_536):
            sink.sendall(block)
        sink.shutdown(socket.SHUT_WR)


def test_a_database_that_went_away_is_503_and_serves_as_soon_as_it_is_back(database: str) -> None:
    where = conninfo.conninfo_to_dict(database)
    line = Line(str(where["host"]), int(str(where["port"])))
    pool = db.open_pool(conninfo.make_conninfo(database, host="127.0.0.1", port=line.port))
    assert pool.ready()

    line.cut()
    began = time.monotonic()
    assert not pool.ready()
    refused_s = time.monotonic() - began
    line.mend()
    began = time.monotonic()
    while not pool.ready():
        assert time.monotonic() - began < 10
    line.cut()
    pool.close()

    assert refused_s < 7
