"""A server between client and services that answers whatever an attacker would like."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Transform = Callable[[Any], Any]


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


@dataclass
class Evil:
    """Passes everything on, and changes what comes back.

    By the beginning of a request's line: *transforms* change an answer, *replies* are given (with
    200, or what *statuses* says) and *withheld* are refused without asking the services; the
    answers to *lost* are lost once each, after *meanwhile* was done.
    """

    url: str
    upstream: str
    requests: list[Request] = field(default_factory=list)
    transforms: dict[str, Transform] = field(default_factory=dict)
    replies: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = object

    def answer(self, line: str, transform: Transform) -> None:
        """Let *transform* make the JSON that answers requests of this beginning."""
        self.transforms[line] = transform

    def lines(self) -> list[str]:
        """Say what was asked since the last call."""
        seen = [request.line for request in self.requests]
        self.requests.clear()
        return seen


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    evil: Evil

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        raw = self.rfile.read(length)
        request = Request(self.command, self.path, json.loads(raw) if raw else None)
        self.evil.requests.append(request)
        status, kind, answer = self._answer(request, raw)
        if request.line in self.evil.lost:
            self.evil.lost.remove(request.line)
            self.evil.meanwhile()
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _answer(self, request: Request, raw: bytes) -> tuple[int, str, bytes]:
        if any(request.line.startswith(line) for line in self.evil.withheld):
            return 502, "application/json", b"{}"
        for line, reply in self.evil.replies.items():
            if request.line.startswith(line):
                status = self.evil.statuses.get(line, 200)
                return status, "application/json", json.dumps(reply).encode()
        status, kind, answer = self._upstream(raw)
        for line, transform in self.evil.transforms.items():
            if request.line.startswith(line) and status < 400:
                answer = json.dumps(transform(json.loads(answer))).encode()
        return status, kind, answer

    def _upstream(self, raw: bytes) -> tuple[int, str, bytes]:
        parts = urlsplit(self.evil.upstream)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        kept = ("Authorization", "Content-Type")
        headers = {name: self.headers[name] for name in kept if name in self.headers}
        connection.request(self.command, self.path, raw or None, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, response.headers.get("Content-Type", ""), content

    do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815 - names of the library

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
