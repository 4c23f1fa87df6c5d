"""HTTP as bytes: a service that writes down what it is sent, and answers taken apart."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BufferedIOBase

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Recorded:
    """A request as it came out of the socket."""

    method: str
    target: str
    headers: Headers
    body: bytes

    def values(self, name: str) -> list[str]:
        """Every value of a header, whatever its case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True)
class Reply:
    """An answer as it came out of the socket."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Recorder:
    """Writes down what it is sent; *answer* gives the raw bytes to send back, None hangs up."""

    requests: list[Recorded] = field(default_factory=list)
    answer: Callable[[Recorded], bytes | Iterable[bytes | None]] | None = None

    def __post_init__(self) -> None:
        recorder = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while recorded := _recorded(self.rfile):
                    recorder.requests.append(recorded)
                    for part in recorder.answer_to(recorded):
                        if part is None:
                            return
                        self.wfile.write(part)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer_to(self, recorded: Recorded) -> Iterable[bytes | None]:
        """What to send, in parts."""
        answer = self.answer(recorded) if self.answer else answering(b'{"said":"yes"}')
        return [answer] if isinstance(answer, bytes) else answer

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


def answering(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return a whole answer."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers)
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def replies(raw: bytes) -> list[Reply]:
    """Take an answer stream apart; interim answers (1xx) are not counted."""
    found = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            key.lower(): value.strip() for key, _, value in (x.partition(":") for x in lines)
        }
        status = int(first.split()[1])
        if status < 200:
            continue
        if headers.get("transfer-encoding") == "chunked":
            body, raw = _unchunk(raw)
        else:
            length = int(headers.get("content-length", len(raw)))
            body, raw = raw[:length], raw[length:]
        found.append(Reply(status, headers, body))
    return found


def eventually(true: Callable[[], bool], seconds: float = 5) -> bool:
    """Wait until *true* is."""
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


def _unchunk(raw: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, raw = raw.partition(b"\r\n")
        length = int(size, 16)
        body, raw = body + raw[:length], raw[length + 2 :]
        if not length:
            return body, raw


def _recorded(stream: BufferedIOBase) -> Recorded | None:
    first = stream.readline().decode("latin-1").split()
    if not first:
        return None
    headers: Headers = []
    while line := stream.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    length = next((int(value) for name, value in headers if name == "Content-Length"), 0)
    return Recorded(first[0], first[1], headers, stream.read(length))
