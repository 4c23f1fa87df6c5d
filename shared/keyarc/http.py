"""One kept connection to one server: TLS, strict JSON, bounded answers, no redirects, no proxies.

A request is sent a second time only when a kept connection turns out to be closed, or when the
server asks for it with Retry-After; every route that a client calls bears that (commits, keyring
and refresh answer a repetition as they answered the first).
"""

import contextlib
import http.client
import ipaddress
import json
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from . import patience
from .encoding import Broken, strict_json
from .errors import Failure, NotFound, Refused, TooManyRequests, Unreachable

TIMEOUT_SECONDS = 30  # a machine that sleeps needs one to three to wake
TRIES = 4
ANSWER_LIMIT_BYTES = 128 * 1024 * 1024
TAG = re.compile('(?:W/)?"[!#-~]{1,200}"')
PROBLEM = re.compile("/problems/([a-z-]{1,40})")
PRIVATE_SUFFIXES = (".flycast", ".internal")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the JSON that came with it (None where there was none); *tag* is its ETag."""

    status: int
    media: Any
    tag: str = ""

    @property
    def problem(self) -> str:
        """The slug of an error's type, as in ``stale-head``."""
        kind = self.media.get("type") if isinstance(self.media, dict) else None
        found = PROBLEM.fullmatch(kind) if isinstance(kind, str) else None
        return found[1] if found else "unknown"


def normal_server(server: str, *, plain_http: bool = False) -> str:
    """Give ``scheme://host[:port]``; plain http only to this machine or a private network."""
    try:
        parts = urlsplit(server if "://" in server else f"https://{server}")
        host, port = parts.hostname, parts.port
    except ValueError as ex:
        raise Failure(f"{server} is not the address of a server") from ex
    tail = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in {"http", "https"} or not host or tail:
        raise Failure(f"{server} is not the address of a server, such as https://keyarc.example")
    if parts.scheme == "http" and not (plain_http or _is_private(host)):
        raise Failure(f"{server} would be read by everyone on the way: use https://")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith(PRIVATE_SUFFIXES):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Transport:
    """Requests to one server. Not for several threads at once."""

    def __init__(self, server: str, *, plain_http: bool = False) -> None:
        self.server = normal_server(server, plain_http=plain_http)
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        token: str = "",
        tag: str = "",
    ) -> Answer:
        """Send one request. 404, 429 and 5xx are raised; other statuses are for the caller.

        With the *tag* of an earlier answer, 304 says that this one would be the same.
        """
        raw = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        if raw is not None:
            headers["Content-Type"] = "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if tag:
            headers["If-None-Match"] = tag
        for left in reversed(range(TRIES)):
            response, content = self._send(method, path, raw, headers)
            seconds = _retry_after(response) if response.status in {429, 503} else None
            if seconds is None or seconds > patience.longest_seconds() or not left:
                break
            wait = patience.wait if response.status == 429 else time.sleep
            wait(seconds)
        return self._read(response, content)

    @contextlib.contextmanager
    def closed_on_failure(self) -> Iterator[None]:
        """Let the connection go when the block fails: nobody is left who would."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the connection go; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(
        self, method: str, path: str, raw: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        kept = self._connection is not None
        try:
            return self._send_once(method, path, raw, headers)
        except (http.client.BadStatusLine, BrokenPipeError, ConnectionResetError) as ex:
            self.close()
            if not kept:
                raise self._unreachable(ex) from ex
        except (OSError, http.client.HTTPException) as ex:
            self.close()
            raise self._unreachable(ex) from ex
        return self._send(method, path, raw, headers)

    def _send_once(
        self, method: str, path: str, raw: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.request(method, path, raw, headers)
        response = self._connection.getresponse()
        content = response.read(ANSWER_LIMIT_BYTES + 1)
        if len(content) > ANSWER_LIMIT_BYTES:
            raise http.client.HTTPException("the answer is too long")
        if response.length:
            raise http.client.HTTPException("the answer was cut off")
        if response.will_close:
            self.close()
        return response, content

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.server)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_SECONDS)
        return http.client.HTTPSConnection(host, parts.port, timeout=TIMEOUT_SECONDS)

    def _unreachable(self, ex: Exception) -> Unreachable:
        reason = str(ex) or type(ex).__name__
        return Unreachable(f"{self.server} does not answer ({reason})")

    def _read(self, response: http.client.HTTPResponse, content: bytes) -> Answer:
        status = response.status
        if status in {204, 304} and not content:
            return Answer(status, None)
        kind = response.headers.get_content_type()
        if kind not in {"application/json", "application/problem+json"} or 300 <= status < 400:
            raise Unreachable(f"{self.server} answers {status}, but not as a KeyArc server does")
        if status == 404:
            raise NotFound("the server knows nothing of that name to this account")
        if status == 429:
            wait = _retry_after(response) or 60
            raise TooManyRequests(f"too many requests: try again in {wait} seconds", wait)
        if status >= 500:
            raise Unreachable(f"{self.server} is not available right now ({status})")
        tag = TAG.fullmatch(response.headers.get("ETag", ""))
        return Answer(status, strict_json(_unpacked(response, content)), tag[0] if tag else "")


def refuse(answer: Answer) -> Refused:
    """Make the error for an answer that the caller has no other use for."""
    message = f"the server refused this request ({answer.status}, {answer.problem})"
    return Refused(answer.status, answer.problem, message)


def _retry_after(response: http.client.HTTPResponse) -> int | None:
    value = response.headers.get("Retry-After", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _unpacked(response: http.client.HTTPResponse, content: bytes) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding == "identity":
        return content
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(content, ANSWER_LIMIT_BYTES)
    except zlib.error as ex:
        raise Broken from ex
    if encoding != "gzip" or not unpacker.eof or unpacker.unused_data:
        raise Broken
    return plain
