"""The services behind the gateway: woken by a call that waits for nobody, and asked for a probe."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest
from falcon.testing import TestClient

from handlers.gateway import behind
from handlers.gateway.routes import create_app
from handlers.gateway.upstream import Upstream
from shared import access_tokens, browsers
from tests.gateway.chain import SECRETS, Chain
from tests.gateway.wire import Recorded, Recorder, answering, eventually

Answering = Callable[[Recorded], bytes | Iterable[bytes | None]]
READY = {"/api/account/ready", "/api/keys/ready"}


@contextmanager
def gateway(answer: Answering | None = None) -> Iterator[tuple[TestClient, Recorder]]:
    """Serve a gateway whose account and keys both answer so."""
    with ExitStack() as undo:
        service = Recorder(answer=answer)
        undo.callback(service.close)
        upstreams = {name: Upstream(service.url) for name in ("account", "keys")}
        app = create_app(upstreams, SECRETS, browsers.Origins("http://localhost"))
        yield TestClient(app, headers={"Host": "localhost"}), service


def test_warming_asks_both_services_for_their_database_and_at_most_once_in_ten_seconds(
    chain: Chain,
) -> None:
    for _ in range(5):
        assert chain.ask("GET", "/api/warm", signed_in=False).status == 202

    assert eventually(lambda: len(chain.service.requests) == 2)
    assert {each.target for each in chain.service.requests} == READY
    assert not any(each.values("X-KeyArc-Context") for each in chain.service.requests)


def test_whoever_warms_does_not_wait_for_the_waking() -> None:
    awake = threading.Event()

    def slowly(_asked: Recorded) -> bytes:
        awake.wait(10)
        return answering(b"{}")

    with gateway(slowly) as (client, service):
        began = time.monotonic()
        status = client.get("/api/warm").status_code
        took_s = time.monotonic() - began
        heard = eventually(lambda: len(service.requests) == 2)
        awake.set()

    assert status == 202
    assert took_s < 1
    assert heard


def test_the_first_request_wakes_the_other_service_too() -> None:
    with gateway() as (client, service):
        token = access_tokens.sign_access(SECRETS, uuid4(), uuid4())
        signed_in = {"Authorization": f"Bearer {token}"}
        statuses = [
            client.get(f"/api/{name}/x", headers=signed_in).status_code
            for name in ("account", "keys", "account")
        ]
        heard = eventually(lambda: len(service.requests) == 4)
        targets = sorted(each.target for each in service.requests)

    assert statuses == [200, 200, 200]
    assert heard
    assert targets == ["/api/account/x", "/api/account/x", "/api/keys/ready", "/api/keys/x"]


@pytest.mark.parametrize("target", ["/api/account/x", "/api/account/ready", "/api/openapi.json"])
def test_a_stranger_wakes_nobody(target: str) -> None:
    with gateway() as (client, service):
        client.get(target)
        client.get("/api/ready")

    assert {each.target for each in service.requests} == READY
    assert len(service.requests) == 2


def test_what_has_been_warmed_is_not_woken_again() -> None:
    with gateway() as (client, service):
        client.get("/api/warm")
        token = access_tokens.sign_access(SECRETS, uuid4(), uuid4())
        client.get("/api/keys/x", headers={"Authorization": f"Bearer {token}"})
        heard = eventually(lambda: len(service.requests) == 3)
        targets = {each.target for each in service.requests}

    assert heard
    assert targets == READY | {"/api/keys/x"}


def test_ready_asks_both_services_once_and_remembers_the_answer() -> None:
    with gateway() as (client, service):
        statuses = [client.get("/api/ready").status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert {each.target for each in service.requests} == READY
    assert len(service.requests) == 2


@pytest.mark.parametrize("name", ["account", "keys"])
def test_not_ready_while_one_of_them_is_not(name: str) -> None:
    def answer(asked: Recorded) -> bytes:
        away = asked.target.startswith(f"/api/{name}/")
        return answering(b"{}", status="503 Service Unavailable" if away else "200 OK")

    with gateway(answer) as (client, _service):
        response = client.get("/api/ready")

    assert response.status_code == 503
    assert response.json["type"] == "/problems/unavailable"


def test_not_ready_while_nobody_is_there() -> None:
    with gateway(lambda _asked: [None]) as (client, _service):
        assert client.get("/api/ready").status_code == 503


def test_ready_again_when_the_answer_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behind, "READY_EVERY_SECONDS", 0.0)
    away = [True]

    def answer(_asked: Recorded) -> bytes:
        return answering(b"{}", status="503 Service Unavailable" if away[0] else "200 OK")

    with gateway(answer) as (client, _service):
        before = client.get("/api/ready").status_code
        away[0] = False
        after = client.get("/api/ready").status_code

    assert (before, after) == (503, 200)


def test_one_slow_question_holds_no_second_thread() -> None:
    heard = threading.Event()

    def slowly(_asked: Recorded) -> bytes:
        heard.wait(10)
        return answering(b"{}")

    with gateway(slowly) as (client, service):
        first = threading.Thread(target=client.get, args=("/api/ready",))
        first.start()
        assert eventually(lambda: len(service.requests) == 2)

        meanwhile = client.get("/api/ready").status_code

        heard.set()
        first.join()
        assert meanwhile == 503
        assert client.get("/api/ready").status_code == 200


def test_an_old_answer_is_none_while_another_is_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a service that hangs since its deployment would be ready by what it said before."""
    monkeypatch.setattr(behind, "READY_EVERY_SECONDS", 0.0)
    hangs, goes_on = threading.Event(), threading.Event()

    def answer(_asked: Recorded) -> bytes:
        if hangs.is_set():
            goes_on.wait(10)
        return answering(b"{}")

    with gateway(answer) as (client, service):
        before = client.get("/api/ready").status_code
        hangs.set()
        first = threading.Thread(target=client.get, args=("/api/ready",))
        first.start()
        assert eventually(lambda: len(service.requests) == 4)

        meanwhile = client.get("/api/ready").status_code

        goes_on.set()
        first.join()
    assert (before, meanwhile) == (200, 503)
