"""nginx as a process: its log, its size, and its end."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import pytest

from machines import nginx
from machines.apps import APPS
from shared import problems
from tests.gateway.wire import Recorded, Recorder, answering, eventually
from tests.leaks import leaked
from tests.machines.web_server import Start, needs_nginx, starting

pytestmark = needs_nginx


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path / "nginx") as start:
        yield start


@pytest.fixture
def behind() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.close()


def test_as_on_fly_it_stands_where_nobody_knows_a_name(start: Start) -> None:
    server = start(
        auth_url=f"http://{APPS['auth'].fly_name}.flycast",
        resolver=nginx.FLY_RESOLVER,
        instead={"resolver_timeout 5s": "resolver_timeout 1s"},
    )

    page, service = server.ask("GET", "/"), server.ask("GET", "/auth/health")

    assert page.status == 200
    assert json.loads(service.body)["type"] == "/problems/bad-gateway"


def test_one_address_does_not_hold_every_socket(start: Start, behind: Recorder) -> None:
    arrived, leaving = threading.Semaphore(0), threading.Event()

    def slowly(_: Recorded) -> bytes:
        arrived.release()
        leaving.wait(10)
        return answering(b"{}")

    behind.answer = slowly
    server = start(auth_url=behind.url, instead={"limit_conn clients 64": "limit_conn clients 2"})
    with ThreadPoolExecutor(2) as two:
        held = [two.submit(server.ask, "GET", "/auth/x") for _ in range(2)]
        assert all(arrived.acquire(timeout=10) for _ in held)
        third = server.ask("GET", "/")
        leaving.set()

    assert [each.result().status for each in held] == [200, 200]
    assert third.status == 503
    assert third.headers["retry-after"] == "2"
    assert json.loads(third.body) == problems.Unavailable().document
    assert server.ask("GET", "/").status == 200


@pytest.mark.parametrize(
    ("mine", "also_mine", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:a:b:c:d", "2001:db8:1:3::1"),
        ("2001:db8::a:b:c:d", "2001:db8::1", "2001:db9::1"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
    ],
)
def test_who_has_a_network_of_ipv6_does_not_hold_every_socket_either(
    start: Start, behind: Recorder, mine: str, also_mine: str, other: str
) -> None:
    arrived, leaving = threading.Event(), threading.Event()

    def slowly(_: Recorded) -> bytes:
        arrived.set()
        leaving.wait(10)
        return answering(b"{}")

    behind.answer = slowly
    one_each = {"limit_conn clients 64": "limit_conn clients 1"}
    server = start(auth_url=behind.url, client_address="fly", instead=one_each)
    with ThreadPoolExecutor(1) as one:
        held = one.submit(server.ask, "GET", "/auth/x", [("Fly-Client-IP", mine)])
        assert arrived.wait(10)
        statuses = [
            server.ask("GET", "/", [("Fly-Client-IP", address)]).status
            for address in (also_mine, other)
        ]
        leaving.set()

    assert held.result().status == 200
    assert statuses == [503, 200]


def test_asked_to_stop_it_answers_what_is_under_way(start: Start, behind: Recorder) -> None:
    arrived, stopping = threading.Event(), threading.Event()

    def slowly(_: Recorded) -> bytes:
        arrived.set()
        stopping.wait(10)
        return answering(b"{}")

    behind.answer = slowly
    server = start(auth_url=behind.url)
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as asking:
        asking.request("GET", "/auth/x", headers={"Host": server.host})
        assert arrived.wait(10)
        server.child.ask_to_stop()
        assert eventually(lambda: refuses(server.port))
        stopping.set()
        assert asking.getresponse().status == 200

    assert server.child.stop() == 0


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


def test_no_request_leaves_a_secret_in_the_log(start: Start, behind: Recorder) -> None:
    canary = f"canary-{uuid4().hex}"
    server = start(auth_url=behind.url)  # and no gateway: errors tell most
    headers = [
        ("Authorization", f"Bearer {canary}"),
        ("Cookie", f"__Host-keyarc-access={canary}"),
        ("Referer", f"http://{server.host}/?{canary}"),
        ("User-Agent", canary),
        ("Fly-Client-IP", canary),
        ("X-Request-Id", canary),
    ]
    long = "/" + "a" * 9000
    targets = ("/auth/x", "/api/x", "/", "/assets/none.js", "/auth//x", "/%00", "/..", long)
    elsewhere = f"GET http://{canary}/ HTTP/1.1\r\nHost: {canary}"

    for target in targets:
        for method in ("GET", "POST"):
            body = canary.encode() if method == "POST" else None
            server.ask(method, f"{target}?{canary}", headers, body)
    for odd in (f"GET /{canary}\x00", canary, elsewhere, f"GET /#{canary} HTTP/1.1"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
            line.sendall(odd.encode() + b"\r\n\r\n")
            line.recv(65_536)
    log = server.log.read_bytes()

    assert log.count(b'"message": "request"') >= len(targets) * 2
    assert not leaked(canary, log)


def test_a_line_of_the_log_tells_what_happened(start: Start, behind: Recorder) -> None:
    server = start(auth_url=behind.url)

    there = server.ask("POST", "/auth/x?a=b", body=b"{}")
    server.ask("GET", "/health")
    away = server.ask("PUT", "/api/keys/x", body=b"{}")
    server.ask("POST", "/")
    server.stop(2)

    lines = server.log.read_text().splitlines()
    first, second, third = (json.loads(line) for line in lines if line.startswith("{"))
    assert first.keys() == second.keys()
    assert (first["method"], first["path"], first["status"]) == ("POST", "/auth/x", 200)
    assert first["request_id"] == there.headers["x-request-id"]
    assert first["service"] == "frontend"
    assert isinstance(first["ms"], int)
    assert isinstance(first["upstream_ms"], int)
    assert (second["method"], second["status"], second["upstream_status"]) == ("PUT", 502, 502)
    assert second["request_id"] == away.headers["x-request-id"]
    assert (third["method"], third["status"], third["upstream_ms"]) == ("POST", 405, None)


def test_it_is_small(start: Start) -> None:
    server = start()
    for _ in range(100):
        server.ask("GET", "/")

    assert len(server.processes) == 2
    assert sum(each.memory_info().rss for each in server.processes) < 32 << 20
