"""Debian's nginx with our configuration, as the user that it has on a machine: not root."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import psutil
import pytest

from machines import debian, nginx
from machines.children import Child
from machines.stack import SITE
from machines.unprivileged import Unprivileged
from tests.gateway.wire import Headers, Reply

MISSING = debian.missing("nginx", [nginx.BROTLI])
needs_nginx = pytest.mark.skipif(
    bool(MISSING), reason=f"{' and '.join(MISSING)} is missing: apt-get install {nginx.PACKAGES}"
)
PATIENCE_S = 20
AWAY = "http://127.0.0.1:9"


class WebServer:
    """nginx before two services, on a socket of its own; *folder* holds all that it writes."""

    def __init__(
        self,
        folder: Path,
        page: Path,
        *,
        auth_url: str,
        gateway_url: str,
        origin: str = "",
        client_address: str = "connection",
        resolver: str = "127.0.0.1",
        instead: Mapping[str, str] | None = None,
    ) -> None:
        """Serve *page*, what a build left; *origin* is the server's own unless told otherwise.

        *instead*: words of the configuration, such as a time, and what stands in their place.
        """
        folder.mkdir(parents=True, exist_ok=True)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        self.host = (origin or f"http://localhost:{self.port}").removeprefix("http://")
        self.log = folder / "nginx.log"
        self.configuration = folder / "nginx.conf"
        nginx.main(
            [
                *("--headers", str(page / "headers.json"), "--site", str(page / "site")),
                *("--auth-url", auth_url, "--gateway-url", gateway_url),
                *("--public-origin", f"http://{self.host}", "--resolver", resolver),
                *("--listen", f"127.0.0.1:{self.port}", "--client-address", client_address),
                *("--scratch", str(folder), "--out", str(self.configuration)),
            ]
        )
        for words, others in (instead or {}).items():
            text = self.configuration.read_text()
            assert words in text
            self.configuration.write_text(text.replace(words, others))
        self.child = self._start(folder, listening)
        listening.close()
        self.stop = self.child.stop
        self._await_answer()

    def ask(
        self, method: str, target: str, headers: Headers | None = None, body: bytes | None = None
    ) -> Reply:
        """Send a request as it is written here, and with our host unless *headers* have one."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S * 3)
        lines = list(headers or [])
        if not any(name == "Host" for name, _ in lines):
            lines.append(("Host", self.host))
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in lines:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        return read(connection, connection.getresponse())

    @property
    def processes(self) -> list[psutil.Process]:
        """The first process and its worker."""
        first = psutil.Process(self.child.pid)
        return [first, *first.children(recursive=True)]

    def _start(self, folder: Path, listening: socket.socket) -> Child:
        """Start it as a stranger, on a socket that is open already: no port is lost in between."""
        stranger = Unprivileged(folder)
        program = debian.find("nginx")
        assert program
        return Child(
            stranger.command(program, "-e", "stderr", "-c", str(self.configuration)),
            log=self.log,
            env={"PATH": os.environ["PATH"], "NGINX": f"{listening.fileno()};"},
            pass_fds=[listening.fileno()],
            user=stranger.user,
            group=stranger.group,
            ending=signal.SIGQUIT,
        )

    def _await_answer(self) -> None:
        until = time.monotonic() + PATIENCE_S
        while not self.child.ended and time.monotonic() < until:
            with suppress(OSError):
                if self.ask("GET", "/health").status == 200:
                    return
        raise AssertionError(self.log.read_text())


Start = Callable[..., WebServer]


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Start one in a way of its own, before services that are away unless told otherwise."""
    with ExitStack() as undo:

        def start(
            auth_url: str = AWAY,
            gateway_url: str = AWAY,
            client_address: str = "connection",
            resolver: str = "127.0.0.1",
            instead: Mapping[str, str] | None = None,
        ) -> WebServer:
            server = WebServer(
                folder,
                SITE,
                auth_url=auth_url,
                gateway_url=gateway_url,
                client_address=client_address,
                resolver=resolver,
                instead=instead,
            )
            undo.callback(server.stop)
            return server

        yield start


def read(connection: HTTPConnection, response: HTTPResponse) -> Reply:
    """Take a response over, and close the connection."""
    with response:
        told = response.headers
        headers = {name.lower(): ", ".join(told.get_all(name, [])) for name in told}
        reply = Reply(response.status, headers, response.read())
    connection.close()
    return reply
