"""A server between client and services that answers whatever an attacker would like."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Transform = Callable[[Any], Any]

JSON = {"Content-Type": "application/json"}
SENT_ON = ("Authorization", "Content-Type", "Cookie", "KeyArc-Client")
GIVEN_BACK = ("Content-Type", "Set-Cookie")
NAMES_OF_ANSWERS = ("ETag", "If-None-Match")


@dataclass(frozen=True)
class Request:
    """One request as it came from the client."""

    method: str
    path: str
    body: Any

    @property
    def line(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """One answer as it goes to the client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes

    @classmethod
    def of(cls, status: int, media: Any) -> "Answer":
        """Make an answer of JSON."""
        return cls(status, tuple(JSON.items()), json.dumps(media).encode())

    @property
    def media(self) -> Any:
        """Its JSON."""
        return json.loads(self.content)


@dataclass
class Evil:
    """Passes everything on, and changes what comes back.

    By the beginning of a request's line: *transforms* change an answer, *replies* are given (with
    200, or what *statuses* says), *made* are worked out from the request (unless None comes out),
    and *withheld* are refused, all but the first without asking the services; the answers to
    *lost* are lost once each, after *meanwhile* was done. A whole line that is on the *tape* is
    answered from there. With *tagged*, answers have their names (ETag), and 304 is possible.
    """

    url: str
    upstream: str
    requests: list[Request] = field(default_factory=list)
    transforms: dict[str, Transform] = field(default_factory=dict)
    replies: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    made: dict[str, Callable[[Request], Answer | None]] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = object
    tape: Mapping[str, Answer] = field(default_factory=dict)
    heard: list[tuple[Request, Answer]] = field(default_factory=list)
    tagged: bool = False

    def answer(self, line: str, transform: Transform) -> None:
        """Let *transform* make the JSON that answers requests of this beginning."""
        self.transforms[line] = transform

    def lines(self) -> list[str]:
        """Say what was asked since the last call."""
        seen = [request.line for request in self.requests]
        self.requests.clear()
        return seen

    def honest(self) -> None:
        """Stop lying."""
        for lies in (self.transforms, self.replies, self.statuses, self.made, self.withheld):
            lies.clear()
        self.lost.clear()
        self.tape = {}

    def reply(self, request: Request, ask: Callable[[], Answer]) -> Answer:
        """Answer a request, by *ask*ing the services or without."""
        given = self._given(request)
        answer = ask() if given is None else given
        for line, transform in self.transforms.items():
            if request.line.startswith(line) and answer.content and answer.status < 400:
                content = json.dumps(transform(answer.media)).encode()
                answer = Answer(answer.status, answer.headers, content)
        self.heard.append((request, answer))
        return answer

    def _given(self, request: Request) -> Answer | None:
        if any(request.line.startswith(line) for line in self.withheld):
            return Answer.of(502, {})
        for line, reply in self.replies.items():
            if request.line.startswith(line):
                return Answer.of(self.statuses.get(line, 200), reply)
        for line, make in self.made.items():
            if request.line.startswith(line) and (answer := make(request)) is not None:
                return answer
        return self.tape.get(request.line)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    evil: Evil

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        raw = self.rfile.read(length)
        request = Request(self.command, self.path, json.loads(raw) if raw else None)
        self.evil.requests.append(request)
        answer = self.evil.reply(request, lambda: self._upstream(raw))
        if request.line in self.evil.lost:
            self.evil.lost.remove(request.line)
            self.evil.meanwhile()
            self.close_connection = True
            return
        self.send_response(answer.status)
        for header in answer.headers:
            self.send_header(*header)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def _upstream(self, raw: bytes) -> Answer:
        parts = urlsplit(self.evil.upstream)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        tags = NAMES_OF_ANSWERS if self.evil.tagged else ()
        headers = {name: self.headers[name] for name in (*SENT_ON, *tags) if name in self.headers}
        connection.request(self.command, self.path, raw or None, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        kept = {name.lower() for name in (*GIVEN_BACK, *tags)}
        given = tuple(one for one in response.getheaders() if one[0].lower() in kept)
        return Answer(response.status, given, content)

    do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = _pass_on  # noqa: N815 - names of the library

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - name of the library
        """Say nothing on stderr."""


@contextmanager
def evil_before(upstream: str) -> Iterator[Evil]:
    """Run an evil server in front of *upstream*."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    evil = Evil(f"http://127.0.0.1:{server.server_address[1]}", upstream)
    handler.evil = evil  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield evil
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
