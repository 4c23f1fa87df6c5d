"""The call that wakes a server: it waits for nobody, and nobody hears of its failures."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.keyarc import kdf
from shared.keyarc.errors import Failure
from shared.keyarc.warm import warm
from tests.cli.keyarc import Keyarc
from tests.gateway.wire import Recorded, Recorder, answering, eventually

CALLS = {"/auth/health", "/api/warm"}


@contextmanager
def asleep() -> Iterator[Recorder]:
    """A server that answers nobody before the block ends."""
    awake = threading.Event()

    def slowly(_asked: Recorded) -> bytes:
        awake.wait(30)
        return answering(b"", status="503 Service Unavailable")

    server = Recorder(answer=slowly)
    try:
        yield server
    finally:
        awake.set()
        server.close()


def test_both_sides_of_the_server_are_asked_while_nobody_waits() -> None:
    with asleep() as server:
        began = time.monotonic()
        warm(server.url)
        took_s = time.monotonic() - began

        assert eventually(lambda: {each.target for each in server.requests} == CALLS)
    assert took_s < 1


def test_a_server_that_is_away_is_the_logins_business() -> None:
    warm("http://127.0.0.1:9")


def test_what_is_no_address_of_a_server_is_told_at_once() -> None:
    with pytest.raises(Failure, match="would be read by everyone"):
        warm("http://keyarc.example")


def test_a_login_wakes_the_whole_server(tmp_path: Path) -> None:
    key = {"KEYARC_ACCOUNT_KEY": kdf.show_account_key(bytes(16))}
    with asleep() as server:
        keyarc = Keyarc(tmp_path, server.url, "someone@example.com", variables=key)
        with keyarc.start("login") as process:
            try:
                assert eventually(lambda: {each.target for each in server.requests} >= CALLS, 30)
            finally:
                process.kill()
