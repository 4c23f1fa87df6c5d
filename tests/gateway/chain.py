"""The edge and the gateway as real processes, and a recorder in the place of the services."""

import socket
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from machines.children import Child
from shared import access_tokens
from shared.access_tokens import Access
from tests.gateway.wire import Headers, Recorder, Reply, replies
from tests.machines import web_server
from tests.machines.web_server import WebServer, needs_nginx

ROOT = Path(__file__).parents[2]
SECRET = "the secret of this run of the tests"
SECRETS = (SECRET,)
# Where a request may come in: the two that stand first in a chain keep the same promises.
FIRST = ("edge", pytest.param("nginx", marks=needs_nginx))
ANYWHERE = (*FIRST, "gateway")


class Served:
    """An app under gunicorn with the production configuration, on a socket of its own."""

    def __init__(
        self,
        listening: socket.socket,
        app: str,
        env: dict[str, str],
        log: Path,
        arguments: tuple[str, ...] = (),
    ) -> None:
        self.port: int = listening.getsockname()[1]
        config = ROOT / "machines" / "gunicorn.conf.py"
        fd = listening.fileno()
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            config,
            f"--bind=fd://{fd}",
            *arguments,
            app,
        ]
        path = {"PATH": "/usr/bin:/bin", "HTTP_PROXY": "http://127.0.0.1:9"}
        self._child = Child(command, log=log, env=path | env, cwd=ROOT, pass_fds=[fd])
        listening.close()
        self.pid = self._child.pid
        self.stop = self._child.stop


class Chain:
    """client → edge or nginx → gateway → recorder; auth is a recorder, too."""

    def __init__(self, folder: Path) -> None:
        listening = {name: socket.create_server(("127.0.0.1", 0)) for name in ("edge", "gateway")}
        ports = {name: each.getsockname()[1] for name, each in listening.items()}
        self.service, self.auth = Recorder(), Recorder()
        self.host = f"localhost:{ports['edge']}"
        origin = {"PUBLIC_ORIGIN": f"http://{self.host}", "LOG_LEVEL": "DEBUG"}
        keyed = {
            "JWT_SECRET": SECRET,
            "ACCOUNT_URL": self.service.url,
            "KEYS_URL": self.service.url,
        }
        front = {
            "AUTH_URL": self.auth.url,
            "GATEWAY_URL": f"http://127.0.0.1:{ports['gateway']}",
            "SITE": str(folder),
        }
        self.log = folder / "gateway.log"
        self.served: dict[str, Served | WebServer] = {
            "gateway": Served(
                listening["gateway"], "handlers.gateway.app:from_env()", origin | keyed, self.log
            ),
            "edge": Served(
                listening["edge"], "machines.edge:from_env()", origin | front, folder / "edge.log"
            ),
        }
        if not web_server.MISSING:
            self.served["nginx"] = WebServer(
                folder / "nginx",
                folder,
                auth_url=front["AUTH_URL"],
                gateway_url=front["GATEWAY_URL"],
                origin=origin["PUBLIC_ORIGIN"],
            )
        self.user = Access(uuid4(), uuid4())
        self.token = access_tokens.sign_access(SECRETS, self.user.user_id, self.user.session_id)

    def stop(self) -> None:
        """End every process and thread of it."""
        for each in self.served.values():
            each.stop()
        self.service.close()
        self.auth.close()

    def request(
        self,
        method: str,
        target: str,
        headers: Headers | None = None,
        body: bytes | None = None,
        *,
        signed_in: bool = True,
    ) -> bytes:
        """Return one request as it goes over the wire, as *user* unless told otherwise."""
        lines: Headers = [("Host", self.host), *(headers or [])]
        if signed_in:
            lines.append(("Authorization", f"Bearer {self.token}"))
        if body is not None:
            lines.append(("Content-Length", str(len(body))))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines)
        raw = f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("utf-8", "surrogateescape")
        return raw + (body or b"")

    def ask(self, *request: Any, at: str = "edge", **more: Any) -> Reply:
        """Send one request and return its one answer."""
        [reply] = self.send(self.request(*request, **more), at=at)
        return reply

    def send(self, raw: bytes, *, at: str = "edge") -> list[Reply]:
        """Send *raw* and nothing more; return every answer until the other side hangs up."""
        with socket.create_connection(("127.0.0.1", self.served[at].port), timeout=20) as sock:
            sock.sendall(raw)
            sock.shutdown(socket.SHUT_WR)
            got = bytearray()
            while block := sock.recv(65_536):
                got += block
        return replies(bytes(got))

    def context(self) -> access_tokens.Context:
        """Verify the context of the last request that reached the service."""
        last = self.service.requests[-1]
        audience = last.target.split("/")[2]
        verifier = access_tokens.ContextVerifier(access_tokens.context_public_key(SECRET), audience)
        [token] = last.values("X-KeyArc-Context")
        return verifier.verify(
            token, method=last.method, target=last.target, body_hash=sha256(last.body).digest()
        )
