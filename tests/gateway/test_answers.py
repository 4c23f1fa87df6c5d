"""Patience, and what a service answers, and what of it reaches the client."""

import socket
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from falcon import testing

from handlers.gateway.routes import create_app
from handlers.gateway.upstream import Upstream
from shared import access_tokens, browsers
from tests.gateway.chain import FIRST, SECRETS, Chain
from tests.gateway.wire import Recorded, answering, replies

HANDED_BACK = {"cache-control", "content-type", "etag", "retry-after", "vary"}
OUR_OWN = {
    "connection",
    "content-length",
    "date",
    "server",
    "x-content-type-options",
    "x-request-id",
}


@pytest.mark.parametrize("at", FIRST)
def test_only_known_headers_come_back(chain: Chain, at: str) -> None:
    chain.service.answer = lambda _: answering(
        b"{}",
        "Content-Type: application/json",
        'ETag: W/"7"',
        "Cache-Control: private, no-cache",
        "Fly-Replay: app=somebody-elses",
        "fly-replay-cache: *",
        "Set-Cookie: __Host-keyarc-access=stolen",
        "X-KeyArc-Context: leaked",
        "X-Accel-Redirect: /etc/passwd",
        "Location: http://keyarc-keys.flycast/",
        "Server: keys",
        "Connection: Vary, ETag",
        "Vary: everything",
        "Keep-Alive: timeout=5",
        "Trailer: X",
    )

    reply = chain.ask("GET", "/api/keys/x", at=at)

    assert reply.status == 200
    assert set(reply.headers) <= HANDED_BACK | OUR_OWN
    assert "etag" not in reply.headers
    assert "vary" not in reply.headers
    assert reply.headers["cache-control"] == "private, no-cache"
    assert reply.headers["server"] in {"gunicorn", "nginx"}


@pytest.mark.parametrize("at", FIRST)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 T", "308 P"])
def test_a_redirect_is_neither_followed_nor_handed_back(chain: Chain, status: str, at: str) -> None:
    location = f"Location: {chain.auth.url}/auth/x"
    chain.service.answer = lambda _: answering(b"", location, status=status)

    reply = chain.ask("GET", "/api/keys/x", at=at)

    assert reply.status == 502
    assert "location" not in reply.headers
    assert len(chain.service.requests) == 1
    assert not chain.auth.requests


@pytest.mark.parametrize("at", FIRST)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nwithout an end",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_a_bad_gateway_and_not_asked_for_again(
    chain: Chain, raw: bytes, at: str
) -> None:
    chain.service.answer = lambda _: [raw, None]

    reply = chain.ask("POST", "/api/keys/x", body=b"{}", at=at)

    assert reply.status == 502
    assert "retry-after" in reply.headers
    assert len(chain.service.requests) == 1


@pytest.mark.parametrize("at", FIRST)
def test_a_long_answer_that_ends_early_is_not_completed(chain: Chain, at: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"
    chain.service.answer = lambda _: [head + bytes(100_000), None]

    reply = chain.ask("GET", "/api/keys/x", at=at)

    assert reply.status == 200
    assert reply.headers["content-length"] == "200000"
    assert len(reply.body) < 200_000


@pytest.mark.parametrize("at", FIRST)
def test_an_answer_in_chunks_that_ends_early_is_not_completed(chain: Chain, at: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chain.service.answer = lambda _: [head + b"3\r\nabc\r\n", None]

    with pytest.raises(ValueError, match="invalid literal"):
        chain.ask("GET", "/api/keys/x", at=at)


@pytest.mark.parametrize("at", FIRST)
@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_answers_without_a_body_have_none(chain: Chain, status: str, at: str) -> None:
    chain.service.answer = lambda _: f"HTTP/1.1 {status}\r\n\r\n".encode()

    reply = chain.ask("GET", "/api/keys/x", at=at)

    assert reply.status == int(status[:3])
    assert reply.body == b""


def test_an_answer_is_streamed_while_it_is_made(chain: Chain) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    heard = threading.Event()

    def slowly(_: Recorded) -> Iterator[bytes]:
        yield head + b"5\r\nfirst\r\n"
        yield b"4\r\nlast\r\n0\r\n\r\n" if heard.wait(5) else b""

    chain.service.answer = slowly
    request = chain.request("GET", "/api/keys/x")
    with socket.create_connection(("127.0.0.1", chain.served["edge"].port), timeout=20) as sock:
        sock.sendall(request)
        got = b""
        while b"first" not in got:
            got += sock.recv(1000)
        heard.set()
        while not got.endswith(b"0\r\n\r\n"):
            got += sock.recv(1000)

    assert replies(got)[0].body == b"firstlast"


def test_a_service_that_is_away_is_a_bad_gateway() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    response = ask_patiently(f"http://127.0.0.1:{port}", seconds=5)

    assert response.status_code == 502
    assert response.json["type"] == "/problems/bad-gateway"
    assert response.headers["Retry-After"]


def test_a_service_that_says_nothing_is_a_gateway_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        response = ask_patiently(f"http://127.0.0.1:{silent.getsockname()[1]}", seconds=0.3)

    assert response.status_code == 504
    assert response.json["type"] == "/problems/gateway-timeout"
    assert response.headers["Retry-After"]
    assert 0.2 < time.monotonic() - started < 2


def test_a_service_that_dribbles_is_a_gateway_timeout(chain: Chain) -> None:
    def dribble(_: Recorded) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"
        time.sleep(1)
        yield b"defghi"

    chain.service.answer = dribble

    assert ask_patiently(chain.service.url, seconds=0.3).status_code == 504


@pytest.mark.parametrize("at", FIRST)
def test_a_service_that_is_still_waking_is_waited_for(chain: Chain, at: str) -> None:
    def wake(_: Recorded) -> Iterator[bytes]:
        time.sleep(3)
        yield answering(b"{}")

    chain.service.answer = wake

    reply = chain.ask("POST", "/api/account/vaults", body=b"{}", at=at)

    assert reply.status == 200
    assert len(chain.service.requests) == 1


def ask_patiently(url: str, *, seconds: float) -> testing.Result:
    """Ask a gateway of this process, whose patience is shorter than the real one's."""
    upstream = Upstream(url, seconds=seconds)
    app = create_app({"keys": upstream}, SECRETS, browsers.Origins("http://localhost"))
    token = access_tokens.sign_access(SECRETS, uuid4(), uuid4())
    headers = {"Host": "localhost", "Authorization": f"Bearer {token}"}
    return testing.TestClient(app, headers=headers).get("/api/keys/x")
