"""One service of a standing stack once more, by itself, where a test can mistreat it."""

import hashlib
import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from machines.stack import SERVICES, Stack
from shared import access_tokens
from shared.access_tokens import Access
from tests.gateway.chain import Served

PROFILE = "/api/account/profile"


@dataclass(frozen=True)
class Answer:
    """What came, and how long it took."""

    status: int
    media: Any
    took_s: float


class Alone:
    """The service *name* as the stack has it, but for *changed* variables.

    *arguments* are gunicorn's, over those of the production configuration.
    """

    def __init__(
        self,
        stack: Stack,
        name: str,
        folder: Path,
        *arguments: str,
        **changed: str,
    ) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        self.log = folder / f"{name}.log"
        env = stack.environment(name) | changed
        self._secret = stack.environment("gateway")["JWT_SECRET"]
        self._host = env.get("PUBLIC_ORIGIN", "http://localhost").split(",")[0].split("//")[1]
        self._served = Served(listening, SERVICES[name].app, env, self.log, arguments)
        self.port, self.pid = self._served.port, self._served.pid
        self.url = f"http://127.0.0.1:{self.port}"
        self.health = SERVICES[name].health

    def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        return self._served.stop()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole machine."""
        os.killpg(self.pid, number)

    def freeze(self, seconds: float, *, master_first_s: float = 0) -> None:
        """Suspend the whole machine for a while; its processes may go on one after the other."""
        self.signal(signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(self.pid, signal.SIGCONT)
        time.sleep(master_first_s)
        self.signal(signal.SIGCONT)

    def ask(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send one request."""
        began = time.monotonic()
        content = None if body is None else json.dumps(body)
        sent = {"Host": self._host, "Content-Type": "application/json"} | dict(headers or {})
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, content, sent)
            response = connection.getresponse()
            text = response.read()
        media = json.loads(text) if text else None
        return Answer(response.status, media, time.monotonic() - began)

    def prelogin(self) -> Answer:
        """Ask auth what only the database knows."""
        body = {"email": "someone@example.com"}
        return self.ask("/auth/prelogin", method="POST", body=body)

    def profile_of_nobody(self) -> Answer:
        """Ask account in the name of a session that only the database knows to be none."""
        context = access_tokens.sign_context(
            (self._secret,),
            Access(uuid4(), uuid4()),
            audience="account",
            method="GET",
            target=PROFILE,
            body_hash=hashlib.sha256().digest(),
            address="192.0.2.1",
            request_id=str(uuid4()),
        )
        return self.ask(PROFILE, {"X-KeyArc-Context": context})


class Later:
    """A call in a thread, and what came of it."""

    def __init__(self, call: Any, *arguments: Any) -> None:
        self._found: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._found.append(call(*arguments)))
        self._thread.start()

    @property
    def over(self) -> bool:
        return bool(self._found)

    def result(self, seconds: float = 60) -> Any:
        """Wait for it."""
        self._thread.join(seconds)
        [found] = self._found
        return found
