"""What the client does with servers that are slow, busy, gone, or no KeyArc servers at all."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from shared.keyarc import patience
from shared.keyarc.encoding import Broken
from shared.keyarc.errors import Failure, NotFound, TooManyRequests, Unreachable
from shared.keyarc.http import Answer, Transport, normal_server

JSON = b"Content-Type: application/json\r\n"


def answer(status: bytes, headers: bytes = JSON, body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


class Script:
    """A listening socket that gives one raw answer to each request, by its list."""

    def __init__(self, answers: list[bytes]) -> None:
        self.left = answers
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(5)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while self.left:
            connection, _ = self._socket.accept()
            self.connections += 1
            with connection:
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        while self.left:
            request = connection.recv(65536)
            if not request:
                return
            self.requests.append(request)
            reply = self.left.pop(0)
            connection.sendall(reply)
            if not reply or b"Connection: close" in reply:
                return

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
        self._thread.join()


@contextmanager
def script(*answers: bytes) -> Iterator[Script]:
    server = Script(list(answers))
    try:
        yield server
        assert not server.left, "an answer was never asked for"
    finally:
        server.close()


def ask(url: str) -> Answer:
    with closing(Transport(url)) as transport:
        return transport.ask("GET", "/")


def test_requests_share_one_connection() -> None:
    with script(answer(b"200 OK"), answer(b"201 Created", body=b'{"a":1}')) as server:
        transport = Transport(server.url)

        assert transport.ask("GET", "/a") == Answer(200, {})
        assert transport.ask("POST", "/b", {"x": "ü"}, "token") == Answer(201, {"a": 1})
        transport.close()

    assert server.connections == 1
    assert b"Authorization: Bearer token" in server.requests[1]


def test_an_answer_that_would_be_the_same_is_not_sent_again() -> None:
    tagged = answer(b"200 OK", JSON + b'ETag: W/"7.abc.0"\r\n')
    with script(tagged, b"HTTP/1.1 304 Not Modified\r\n\r\n") as server:
        transport = Transport(server.url)
        first = transport.ask("GET", "/")

        assert transport.ask("GET", "/", tag=first.tag) == Answer(304, None)
        transport.close()

    assert b'If-None-Match: W/"7.abc.0"\r\n' in server.requests[1]


@pytest.mark.parametrize("tag", ["7", '"', '"a b"', '"' + "a" * 201 + '"', "\x0b"])
def test_a_tag_of_another_form_is_none(tag: str) -> None:
    with script(answer(b"200 OK", JSON + b"ETag: %b\r\n" % tag.encode())) as server:
        assert ask(server.url).tag == ""


def test_a_kept_connection_that_was_closed_is_opened_again() -> None:
    with script(answer(b"200 OK"), b"", answer(b"200 OK")) as server:
        transport = Transport(server.url)
        transport.ask("GET", "/a")

        assert transport.ask("GET", "/b").status == 200
        transport.close()

    assert server.connections == 2


def test_a_new_connection_that_is_closed_is_an_unreachable_server() -> None:
    with script(b"") as server, pytest.raises(Unreachable, match="does not answer"):
        ask(server.url)


def test_a_server_that_is_gone_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

    with pytest.raises(Unreachable, match="does not answer"):
        ask(url)


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"200 OK", b"Content-Type: text/html\r\n", b"<html>"),
        answer(b"301 Moved Permanently", JSON + b"Location: http://127.0.0.1:1/\r\n"),
        answer(b"307 Temporary Redirect", JSON + b"Location: /other\r\n"),
        b"SSH-2.0-OpenSSH_9.9\r\n",
        answer(b"502 Bad Gateway"),
        answer(b"200 OK", b""),
        answer(b"200 OK", JSON + b"Connection: close\r\n").replace(b"Length: 2", b"Length: 9"),
        answer(b"500 Internal Server Error", body=b"{"),
    ],
)
def test_what_is_no_answer_of_a_keyarc_server_is_unreachable(reply: bytes) -> None:
    with script(reply) as server, pytest.raises(Unreachable):
        ask(server.url)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":"\\ud800"}', b"[" * 20 + b"]" * 20],
)
def test_json_that_two_readers_could_read_differently_is_broken(body: bytes) -> None:
    with script(answer(b"200 OK", body=body)) as server, pytest.raises(Broken):
        ask(server.url)


def test_a_packed_answer_is_unpacked() -> None:
    headers = JSON + b"Content-Encoding: gzip\r\n"
    with script(answer(b"200 OK", headers, gzip.compress(b'{"a":1}'))) as server:
        assert ask(server.url).media == {"a": 1}


@pytest.mark.parametrize("cut", [1, 8, 12])
def test_a_packed_answer_that_was_cut_is_broken(cut: int) -> None:
    headers = JSON + b"Content-Encoding: gzip\r\n"
    packed = gzip.compress(b'{"a":1}')[:-cut]
    with script(answer(b"200 OK", headers, packed)) as server, pytest.raises(Broken):
        ask(server.url)


@pytest.mark.parametrize("status", [b"429 Too Many Requests", b"503 Service Unavailable"])
def test_a_wait_that_the_server_asks_for_is_kept(status: bytes) -> None:
    with script(answer(status, JSON + b"Retry-After: 1\r\n"), answer(b"200 OK")) as server:
        began = time.monotonic()

        assert ask(server.url).status == 200

    assert time.monotonic() - began >= 1


def test_a_wait_that_somebody_sees_is_kept_however_long() -> None:
    reply = answer(b"429 Too Many Requests", JSON + b"Retry-After: 3600\r\n")
    shown: list[int] = []
    token = patience.SHOWN_BY.set(shown.append)
    with script(reply, answer(b"200 OK")) as server:
        try:
            assert ask(server.url).status == 200
        finally:
            patience.SHOWN_BY.reset(token)

    assert shown == [3600]


def test_a_long_wait_is_told_and_not_kept() -> None:
    reply = answer(b"429 Too Many Requests", JSON + b"Retry-After: 3600\r\n")
    with script(reply) as server, pytest.raises(TooManyRequests) as caught:
        ask(server.url)

    assert caught.value.retry_after == 3600


def test_what_the_server_does_not_know_is_not_found() -> None:
    with script(answer(b"404 Not Found")) as server, pytest.raises(NotFound):
        ask(server.url)


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("keyarc.example", "https://keyarc.example"),
        ("https://keyarc.example/", "https://keyarc.example"),
        ("https://KeyArc.example:8443", "https://keyarc.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://keyarc-edge.flycast", "http://keyarc-edge.flycast"),
    ],
)
def test_an_address_has_one_spelling(given: str, normal: str) -> None:
    assert normal_server(given) == normal


@pytest.mark.parametrize(
    "given",
    [
        "http://keyarc.example",
        "http://127.0.0.1.example",
        "http://192.168.0.1",
        "ftp://keyarc.example",
        "https://keyarc.example/path",
        "https://someone@keyarc.example",
        "https://keyarc.example?x",
        "https://keyarc.example:port",
        "https://",
        "",
    ],
)
def test_an_address_that_is_none_or_is_in_the_clear_is_refused(given: str) -> None:
    with pytest.raises(Failure):
        normal_server(given)


def test_plain_http_to_elsewhere_must_be_asked_for() -> None:
    assert normal_server("http://keyarc.example", plain_http=True) == "http://keyarc.example"
