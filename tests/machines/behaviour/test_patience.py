"""A service that sleeps takes seconds to answer: the gateway waits that long, and not for ever."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from falcon.testing import Result, TestClient

from handlers.gateway import upstream
from handlers.gateway.routes import create_app
from handlers.gateway.upstream import Upstream
from machines.sleepy import machine
from shared import access_tokens, browsers
from tests.gateway.chain import SECRETS
from tests.gateway.wire import Recorded, Recorder, answering
from tests.machines.sleepy.lone import Lone

BOOT_S = 3.0


@pytest.fixture
def undo() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def slow(undo: ExitStack) -> Recorder:
    """A service that answers after three seconds."""

    def answer(_asked: Recorded) -> bytes:
        time.sleep(BOOT_S)
        return answering(b"{}")

    made = Recorder(answer=answer)
    undo.callback(made.close)
    return made


def ask(url: str, seconds: float = upstream.PATIENCE_SECONDS) -> tuple[Result, float]:
    """Ask the gateway for something of keys, which is at *url*; also how long that took."""
    upstreams = {"keys": Upstream(url, seconds=seconds)}
    app = create_app(upstreams, SECRETS, browsers.Origins("http://localhost"))
    token = access_tokens.sign_access(SECRETS, uuid4(), uuid4())
    headers = {"Host": "localhost", "Authorization": f"Bearer {token}"}
    began = time.monotonic()
    # falcon's client does not tell the target as gunicorn does
    result = TestClient(app).simulate_get("/api/keys/x", headers=headers, extras=RAW)
    return result, time.monotonic() - began


RAW = {"RAW_URI": "/api/keys/x"}


def test_a_service_that_answers_after_three_seconds_is_waited_for(undo: ExitStack) -> None:
    result, took_s = ask(slow(undo).url)

    assert result.status_code == 200
    assert took_s >= BOOT_S


def test_a_machine_that_boots_for_three_seconds_is_waited_for(
    undo: ExitStack, tmp_path: Path
) -> None:
    booting = Lone(tmp_path)
    undo.callback(booting.close)
    (tmp_path / "delay").write_text(str(BOOT_S))

    result, took_s = ask(f"http://127.0.0.1:{booting.port}")

    assert result.status_code == 200
    assert took_s >= BOOT_S


def test_a_service_that_does_not_answer_in_time_is_504_and_one_may_try_later(
    undo: ExitStack,
) -> None:
    result, took_s = ask(slow(undo).url, seconds=0.5)

    assert result.status_code == 504
    assert result.json["type"] == "/problems/gateway-timeout"
    assert int(result.headers["Retry-After"]) > 0
    assert took_s < BOOT_S


def test_a_machine_that_never_boots_is_503(undo: ExitStack, tmp_path: Path) -> None:
    broken = Lone(tmp_path, patience_s=0.5)
    undo.callback(broken.close)
    (tmp_path / "delay").write_text("30")

    result, _took_s = ask(f"http://127.0.0.1:{broken.port}")

    assert result.status_code == 503


def test_whoever_waits_has_more_patience_than_the_proxy_between() -> None:
    """Otherwise the gateway would give up on a machine that is about to answer."""
    assert machine.PATIENCE_S < upstream.PATIENCE_SECONDS
