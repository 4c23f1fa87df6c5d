"""One machine with a small service, behind its proxy."""

import http.client
import json
import socket
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machines.children import Child
from machines.sleepy.fleet import Fleet, Plan
from machines.sleepy.rules import By, Rules
from tests.gateway.wire import Reply, replies

ECHO = Path(__file__).with_name("echo.py")
NAME = "echo"
NEVER_S = 3600.0


@dataclass(frozen=True)
class Answer:
    """What a client of the proxy gets."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """What the service says that it was asked."""
        return json.loads(self.body)


class Lone:
    """The machine: *folder* holds what the service reads and writes."""

    def __init__(
        self,
        folder: Path,
        *,
        idle_s: float = NEVER_S,
        by: By = "stop",
        falls_asleep: bool = True,
        restarts: bool = True,
        most_requests: int = 50,
        kill_timeout_s: float = 5,
        patience_s: float = 20,
    ) -> None:
        self.folder = folder
        self.said: list[str] = []
        rules = Rules("keyarc-echo", falls_asleep, by, kill_timeout_s, most_requests, restarts)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        plan = Plan(rules, self._start, [listening])
        self._fleet = Fleet(
            {NAME: plan}, idle_s=idle_s, say=self.said.append, patience_s=patience_s
        )
        self._open = True

    @property
    def state(self) -> str:
        return self._fleet.state(NAME)

    @property
    def pid(self) -> int:
        """The running process."""
        pid = self._fleet.pid(NAME)
        assert pid
        return pid

    @property
    def machine_url(self) -> str:
        return self._fleet.url(NAME)

    def close(self) -> None:
        """End the machine and its proxy, once."""
        if self._open:
            self._open = False
            self._fleet.close()

    def sleep(self) -> None:
        """Fall asleep now."""
        self._fleet.sleep()

    def lines(self, name: str) -> list[str]:
        """What stands in a file of the service."""
        file = self.folder / name
        return file.read_text().splitlines() if file.exists() else []

    def ask(
        self,
        target: str = "/",
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: bytes | None = None,
        port: int | None = None,
    ) -> Answer:
        """Send one request through the proxy, or to *port*."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        with closing(connection):
            connection.request(method, target, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())

    def send(self, raw: bytes) -> list[Reply]:
        """Send *raw* and nothing more; every answer until the proxy hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as sock:
            sock.sendall(raw)
            sock.shutdown(socket.SHUT_WR)
            return replies(b"".join(iter(lambda: sock.recv(65_536), b"")))

    def _start(self, port: int) -> Child:
        command: list[str | Path] = [sys.executable, ECHO, str(port), self.folder]
        return Child(command, log=self.folder / "log")
