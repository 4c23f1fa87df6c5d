"""Hand a request on to another service, as a new request of our own making.

One fresh connection per request: nothing of one caller's is left for the next, no socket goes
stale while a machine sleeps, and so nothing is ever sent twice. README.md has the figures.
"""

import errno
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import IO
from urllib.parse import urlsplit

BLOCK_BYTES = 65_536
PATIENCE_SECONDS = 25.0  # above a cold start of the service behind

ENDED_EARLY = "the answer ended early"
ANSWER_HEADERS = frozenset(
    {
        "allow",
        "cache-control",
        "content-encoding",
        "content-type",
        "etag",
        "last-modified",
        "retry-after",
        "vary",
        "www-authenticate",
        "x-content-type-options",
    }
)


class Unreachable(Exception):
    """The service did not give an answer that can be handed on."""


class Slow(Exception):
    """The service did not answer within ``PATIENCE_SECONDS``."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request to be made; *target* is the raw path with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: IO[bytes] | None
    length: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the headers that may be handed on and the body, whole or still to come."""

    status: int
    headers: list[tuple[str, str]]
    body: "bytes | Remainder"
    length: int | None


class Upstream:
    """One service behind this one."""

    def __init__(
        self, url: str, *, also: frozenset[str] = frozenset(), seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Take a URL like ``http://keyarc-keys.flycast`` and *also*, more headers to hand back."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError(f"{url!r} is not a URL like http://keyarc-keys.flycast")
        self.netloc = parts.netloc
        self._address = (parts.hostname, parts.port or 80)
        self._answer_headers = ANSWER_HEADERS | also
        self._seconds = seconds

    def ask(self, question: Question) -> Answer:
        """Ask once; raise Unreachable or Slow."""
        connection = HTTPConnection(*self._address, timeout=self._seconds)
        deadline = time.monotonic() + self._seconds
        try:
            response = self._exchange(connection, question, deadline)
            return self._answer(connection, response)
        except TimeoutError as ex:
            connection.close()
            raise Slow from ex
        except (OSError, HTTPException, ValueError) as ex:
            connection.close()
            raise Unreachable from ex
        except Unreachable:
            connection.close()
            raise

    def _exchange(
        self, connection: HTTPConnection, question: Question, deadline: float
    ) -> HTTPResponse:
        connection.connect()
        sock: socket.socket = connection.sock
        connection.putrequest(
            question.method, question.target, skip_host=True, skip_accept_encoding=True
        )
        for name, value in ({"Host": self.netloc} | dict(question.headers)).items():
            connection.putheader(name, value)
        if question.body is not None:
            connection.putheader("Content-Length", str(question.length))
        connection.putheader("Connection", "close")
        try:
            connection.endheaders()
            while question.body is not None and (block := question.body.read(BLOCK_BYTES)):
                sock.settimeout(_left(deadline))
                connection.send(block)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may have answered before it heard us out
        sock.settimeout(_left(deadline))
        response = connection.getresponse()
        if not response.isclosed():
            sock.settimeout(self._seconds)
        return response

    def _answer(self, connection: HTTPConnection, response: HTTPResponse) -> Answer:
        # A redirect would name the inside of the house, and no service of ours has one.
        if response.status < 200 or (response.status // 100 == 3 and response.status != 304):
            raise Unreachable
        length = response.length
        # A body that ends with the connection may be half of one.
        if length is None and not response.chunked:
            raise Unreachable
        body = Remainder(connection, response)
        whole = b"".join(body) if length is not None and length <= BLOCK_BYTES else None
        headers = self._handed_back(response)
        return Answer(response.status, headers, body if whole is None else whole, length)

    def _handed_back(self, response: HTTPResponse) -> list[tuple[str, str]]:
        dropped = named_by_connection(response.headers.get_all("Connection", []))
        return [
            (name, value)
            for name, value in response.getheaders()
            if name.lower() in self._answer_headers
            and name.lower() not in dropped
            and value.isprintable()
        ]


class Remainder:
    """A body that is still coming; it ends early only with an error, so that nobody takes it."""

    def __init__(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._connection = connection
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        missing = self._response.length
        try:
            while block := self._response.read1(BLOCK_BYTES):
                missing = None if missing is None else missing - len(block)
                yield block
        except HTTPException as ex:
            raise ConnectionResetError(errno.ECONNRESET, ENDED_EARLY) from ex
        finally:
            self.close()
        if missing:
            raise ConnectionResetError(errno.ECONNRESET, ENDED_EARLY)

    def close(self) -> None:
        """Let go of the connection, read to its end or not."""
        self._response.close()
        self._connection.close()


def named_by_connection(values: list[str]) -> frozenset[str]:
    """Return the lower-case header names that a ``Connection`` header declares hop-by-hop."""
    return frozenset(
        name for value in values for part in value.split(",") if (name := part.strip().lower())
    )


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds
