"""How nginx hands requests on: to whom, with what, how long, and what it says when that fails."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from machines.stack import SITE
from shared import problem_documents, problems
from tests.gateway.wire import Headers, Recorder, Reply, answering
from tests.machines.names import Names
from tests.machines.web_server import Start, WebServer, needs_nginx, starting

pytestmark = needs_nginx


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path / "nginx") as start:
        yield start


@pytest.fixture(scope="module")
def behind() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.close()


@pytest.fixture(scope="module")
def standing(behind: Recorder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    folder, url = tmp_path_factory.mktemp("nginx"), behind.url
    server = WebServer(folder, SITE, auth_url=url, gateway_url=url, client_address="fly")
    yield server
    server.stop()


@pytest.fixture
def server(standing: WebServer, behind: Recorder) -> WebServer:
    """Nginx before a service that answers 200, with nothing recorded yet."""
    behind.requests.clear()
    behind.answer = None
    return standing


def is_problem(reply: Reply, problem: type[problems.Problem]) -> bool:
    document = json.loads(reply.body)
    told = reply.headers["content-type"], reply.headers["cache-control"], document["status"]
    return told == (problem_documents.MEDIA_TYPE, "no-store", reply.status) and (
        document["type"] == f"/problems/{problem.slug}"
    )


@pytest.mark.parametrize(
    ("claims", "address"),
    [
        ([("Fly-Client-IP", "203.0.113.7")], "203.0.113.7"),
        ([("Fly-Client-IP", "2001:db8::7")], "2001:db8::7"),
        ([("X-Forwarded-For", "203.0.113.7")], "127.0.0.1"),
        ([("X-KeyArc-Client-IP", "203.0.113.7")], "127.0.0.1"),
        ([("Fly-Client-IP", "somebody")], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
def test_the_address_of_who_asks_is_what_fly_says(
    server: WebServer, behind: Recorder, claims: Headers, address: str
) -> None:
    server.ask("GET", "/auth/x", claims)

    assert behind.requests[0].values("X-KeyArc-Client-IP") == [address]


@pytest.mark.parametrize("target", ["/auth/x", "/auth/a-b_c.d~e/F?a=%20b&c", "/api/keys/x?a=/?"])
def test_a_plain_target_is_handed_on_as_it_came(
    server: WebServer, behind: Recorder, target: str
) -> None:
    assert server.ask("GET", target).status == 200

    assert [each.target for each in behind.requests] == [target]


@pytest.mark.parametrize(
    "target",
    [
        "/auth/",
        "/auth//x",
        "/auth/./x",
        "/auth/x/..",
        "/auth/%61",
        "/auth/x%2fy",
        "/%61uth/x",
        "/x/../auth/x",
        "/auth/x;y",
        "/auth/x?a=%00",
        "/auth/x?a=%",
        "/auth/x#y",
        "http://localhost/auth/x",
    ],
)
def test_a_target_that_could_be_read_twice_is_not_handed_on(
    server: WebServer, behind: Recorder, target: str
) -> None:
    reply = server.ask("GET", target)

    assert is_problem(reply, problems.Malformed)
    assert not behind.requests


@pytest.mark.parametrize(("path", "limit"), [("/auth/x", 1 << 20), ("/api/keys/x", 16 << 20)])
def test_a_body_may_be_as_large_as_a_service_takes_and_no_larger(
    server: WebServer, behind: Recorder, path: str, limit: int
) -> None:
    taken = server.ask("POST", path, body=bytes(limit))
    refused = server.ask("POST", path, [("Content-Length", str(limit + 1))])

    assert taken.status == 200
    assert [len(each.body) for each in behind.requests] == [limit]
    assert refused.status == 413
    assert is_problem(refused, problems.TooLarge)


@pytest.mark.parametrize(
    ("status", "target", "headers"),
    [
        (414, "/auth/x?" + "a" * 4000, []),
        (414, "/auth/x?" + "a" * 9000, []),
        (431, "/auth/x", [("Cookie", "a" * 9000)]),
        (431, "/auth/x", [(f"X-{number}", "a" * 7000) for number in range(6)]),
    ],
)
def test_what_is_too_long_is_told_as_a_problem(
    server: WebServer, behind: Recorder, status: int, target: str, headers: Headers
) -> None:
    reply = server.ask("GET", target, headers)

    assert reply.status == status
    assert is_problem(reply, problems.Malformed)
    assert not behind.requests


def test_nothing_is_kept_open_on_either_side(server: WebServer, behind: Recorder) -> None:
    reply = server.ask("GET", "/api/keys/x", [("Connection", "keep-alive")])

    assert reply.headers["connection"] == "close"
    assert behind.requests[0].values("Connection") == ["close"]


def test_a_service_that_hangs_up_is_not_asked_again(server: WebServer, behind: Recorder) -> None:
    behind.answer = lambda _: [None]

    reply = server.ask("POST", "/api/keys/x", body=b"{}")

    assert is_problem(reply, problems.BadGateway)
    assert len(behind.requests) == 1


def test_a_service_cannot_command_the_web_server(server: WebServer, behind: Recorder) -> None:
    behind.answer = lambda _: answering(
        b"{}",
        "X-Accel-Redirect: /index.html",
        "Fly-Replay: app=somebody-elses",
        "Set-Cookie: a=b",
        "Location: http://keyarc-keys.flycast/",
        "X-Request-Id: another",
    )

    api, auth = server.ask("GET", "/api/keys/x"), server.ask("GET", "/auth/x")

    assert api.body == auth.body == b"{}"
    assert api.headers.keys() == auth.headers.keys() - {"set-cookie"}
    assert {"location", "fly-replay", "x-accel-redirect"}.isdisjoint(auth.headers)
    assert "another" not in auth.headers["x-request-id"] + api.headers["x-request-id"]


def test_a_service_that_accepts_late_is_waited_for(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as asleep:
        server = start(auth_url=f"http://127.0.0.1:{asleep.getsockname()[1]}")

        def wake() -> None:
            time.sleep(3)
            line, _ = asleep.accept()
            with line:
                line.recv(65_536)
                line.sendall(answering(b"awake"))

        waking = threading.Thread(target=wake)
        waking.start()
        reply = server.ask("POST", "/auth/login", body=b"{}")
        waking.join()

    assert (reply.status, reply.body) == (200, b"awake")


def test_a_service_that_says_nothing_is_a_gateway_timeout(start: Start) -> None:
    short = {"proxy_read_timeout 30s": "proxy_read_timeout 1s"}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = start(auth_url=f"http://127.0.0.1:{silent.getsockname()[1]}", instead=short)
        reply = server.ask("POST", "/auth/login", body=b"{}")

    assert reply.status == 504
    assert reply.headers["retry-after"] == "1"
    assert is_problem(reply, problems.GatewayTimeout)


def test_it_stands_before_the_others_have_a_name(start: Start, behind: Recorder) -> None:
    names = Names("keyarc-auth.flycast")
    behind.answer = None
    port = behind.url.rpartition(":")[2]
    server = start(auth_url=f"http://keyarc-auth.flycast:{port}", resolver=names.address)

    page, early = server.ask("GET", "/"), server.ask("GET", "/auth/x")
    names.known = True
    late = server.ask("GET", "/auth/x")
    names.close()

    assert (page.status, early.status, late.status) == (200, 502, 200)
    assert is_problem(early, problems.BadGateway)


def test_who_sends_slowly_keeps_no_service_busy(start: Start, behind: Recorder) -> None:
    behind.requests.clear()
    short = {"client_body_timeout 10s": "client_body_timeout 1s"}
    server = start(auth_url=behind.url, instead=short)
    head = f"POST /auth/slow HTTP/1.1\r\nHost: {server.host}\r\nContent-Length: 100\r\n\r\n"

    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as slow:
        slow.sendall(head.encode() + b"{")
        meanwhile = server.ask("GET", "/auth/quick")
        with suppress(ConnectionResetError):
            assert slow.recv(1000) == b""

    assert meanwhile.status == 200
    assert [each.target for each in behind.requests] == ["/auth/quick"]
