"""People who ask the running services over HTTP, each process of which can be asked by itself."""

import http.client
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from machines.stack import Stack
from shared import access_tokens
from shared.access_tokens import Access

PATIENCE_S = 60


class Signed(Protocol):
    """Someone with a session."""

    @property
    def user_id(self) -> UUID: ...

    @property
    def session_id(self) -> UUID: ...


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status_code: int
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Caller:
    """Asks at one address as *person*; with *audience*, a private service as the gateway would."""

    stack: Stack = field(repr=False)
    url: str
    person: Signed | None = None
    audience: str = ""

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", f"{path}?{urlencode(params)}" if params else path)

    def post(self, path: str, json: object) -> Answer:
        return self.ask("POST", path, json)

    def put(self, path: str, json: object) -> Answer:
        return self.ask("PUT", path, json)

    def delete(self, path: str) -> Answer:
        return self.ask("DELETE", path)

    def ask(
        self, method: str, target: str, media: object = None, *, context: str | None = None
    ) -> Answer:
        """Send one request over a connection of its own."""
        body = b"" if media is None else json.dumps(media).encode()
        headers = {"Host": urlsplit(self.stack.url).netloc, "X-KeyArc-Client-IP": "192.0.2.7"}
        headers |= {"Content-Type": "application/json"} if body else {}
        headers |= {"X-KeyArc-Context": context} if context else self._proof(method, target, body)
        at = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(at.hostname), at.port, timeout=PATIENCE_S)
        with closing(connection):
            connection.request(method, target, body or None, headers)
            response = connection.getresponse()
            return Answer(response.status, response.read())

    def context(self, method: str, target: str, body: bytes) -> str:
        """Return what the gateway would sign for this request."""
        assert self.person
        return access_tokens.sign_context(
            [self._secret],
            Access(self.person.user_id, self.person.session_id),
            audience=self.audience,
            method=method,
            target=target,
            body_hash=sha256(body).digest(),
            address="192.0.2.7",
            request_id=str(uuid4()),
        )

    def _proof(self, method: str, target: str, body: bytes) -> Mapping[str, str]:
        if self.person is None:
            return {}
        if self.audience:
            return {"X-KeyArc-Context": self.context(method, target, body)}
        who = self.person.user_id, self.person.session_id
        return {"Authorization": f"Bearer {access_tokens.sign_access([self._secret], *who)}"}

    @property
    def _secret(self) -> str:
        return self.stack.environment("gateway")["JWT_SECRET"]


def each(stack: Stack, name: str, person: Signed | None = None) -> list[Caller]:
    """Return a caller for each process of a service."""
    audience = name if name in {"account", "keys"} else ""
    return [Caller(stack, url, person, audience) for url in stack.machine_urls[name]]


def at_once(
    callers: Sequence[Caller], method: str, target: str, bodies: Sequence[object]
) -> list[Answer]:
    """Let each caller send its body, all at the same moment."""
    with ThreadPoolExecutor(len(bodies)) as threads:
        asked = [
            threads.submit(caller.ask, method, target, body)
            for caller, body in zip(callers, bodies, strict=True)
        ]
        return [answer.result() for answer in asked]
