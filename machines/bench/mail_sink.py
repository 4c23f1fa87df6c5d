"""A server that takes every mail by SMTP, and keeps none."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Session(socketserver.StreamRequestHandler):
    """One connection, as RFC 5321 has it, as far as a bench needs it."""

    def handle(self) -> None:
        self._say(b"220 here")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self._say(b"354 go on")
                while self.rfile.readline() not in {b".\r\n", b""}:
                    pass
            self._say(b"221 bye" if word == b"QUIT" else b"250 fine")
            if word == b"QUIT":
                return

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_of: object) -> None:
        """Somebody has hung up: a service that was stopped."""


@contextmanager
def listening() -> Iterator[str]:
    """Yield the SMTP_URL of a running one."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
