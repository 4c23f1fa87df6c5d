"""A small service that tells what reached it: ``python echo.py PORT FOLDER``.

Files in FOLDER change it: ``delay`` (seconds before it listens), ``broken`` (it cannot start),
``stubborn`` (it ignores SIGTERM), ``go`` (what ``/wait`` and ``/parts`` wait for). It writes each
start into ``starts``, each request into ``asked``, and the first chunk of a body into ``heard``.
"""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])


class Echo(BaseHTTPRequestHandler):
    """Answers with the request, unless the path asks for something else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with (FOLDER / "asked").open("a") as file:
            file.write(f"{self.path}\n")
        if self.path.startswith("/exit/"):
            os._exit(int(self.path.removeprefix("/exit/")))
        if self.path == "/parts":
            self._parts()
            return
        if self.path == "/wait":
            wait()
        if self.path == "/half":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.wfile.flush()
            os._exit(7)
        told = {
            "method": self.command,
            "target": self.path,
            "headers": self.headers.items(),
            "body": self._body().decode("latin-1"),
            "pid": os.getpid(),
        }
        content = json.dumps(told).encode()
        self.send_response(200)
        for name, value in (
            ("Content-Length", str(len(content))),
            ("Connection", "close, X-Secret"),
            ("X-Secret", "for the proxy alone"),
            ("Fly-Replay", "app=another"),
            ("X-Kept", "yes"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_POST = do_HEAD = do_GET  # noqa: N815 - the library's names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
            (FOLDER / "heard").write_bytes(body)
        self.rfile.readline()
        return body

    def _parts(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        wait()
        self.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def wait() -> None:
    """Return when there is a file ``go``."""
    until = time.monotonic() + 20
    while not (FOLDER / "go").exists() and time.monotonic() < until:
        time.sleep(0.01)


if __name__ == "__main__":
    with (FOLDER / "starts").open("a") as starts:
        starts.write("started\n")
    if (FOLDER / "broken").exists():
        sys.exit("broken")
    if (FOLDER / "delay").exists():
        time.sleep(float((FOLDER / "delay").read_text()))
    stubborn = (FOLDER / "stubborn").exists()
    signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else lambda *_: os._exit(0))
    ThreadingHTTPServer(("127.0.0.1", PORT), Echo).serve_forever()
