"""Clients of one service each: the real app in this process, asked as the gateway would."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol, Self
from urllib.parse import urlencode
from uuid import UUID

from falcon.testing import Result, TestClient

from shared import access_tokens
from shared.access_tokens import Access

JWT_SECRET = "a secret of the tests, long enough to sign"
HOST = "keyarc.test"
ORIGIN = f"https://{HOST}"
ADDRESS = "192.0.2.7"
REQUEST_ID = "5f0c7d3e-6d8a-4c9b-8a51-0b6f3a2f9d11"


class Signed(Protocol):
    """Someone with a session."""

    @property
    def user_id(self) -> UUID: ...

    @property
    def session_id(self) -> UUID: ...


class Client(TestClient):
    """Asks one app; with `as_`, for a person."""

    audience = ""  # of the gateway's context; empty where the service takes tokens
    person: Signed | None = None

    def as_(self, person: Signed) -> Self:
        """Return a client whose requests *person* makes."""
        other = type(self)(self.app)
        other.audience, other.person = self.audience, person
        return other

    def simulate_request(self, *args: Any, **kwargs: Any) -> Result:
        """Send a request; *json* or *body*, *params* and *headers* as in falcon's own."""
        method, path = args
        body = _body(kwargs)
        query = urlencode(kwargs.pop("params", None) or {}, doseq=True)
        target = f"{path}?{query}" if query else path
        headers = {"Host": HOST, "X-KeyArc-Client-IP": ADDRESS}
        headers |= self._proof(method, target, body)
        headers |= kwargs.pop("headers", None) or {}
        return super().simulate_request(
            method,
            path,
            query_string=query,
            body=body,
            headers=headers,
            extras={"RAW_URI": target},
            **kwargs,
        )

    def _proof(self, method: str, target: str, body: bytes) -> Mapping[str, str]:
        if self.person is None:
            return {}
        access = Access(self.person.user_id, self.person.session_id)
        if not self.audience:
            token = access_tokens.sign_access([JWT_SECRET], access.user_id, access.session_id)
            return {"Authorization": f"Bearer {token}"}
        context = access_tokens.sign_context(
            [JWT_SECRET],
            access,
            audience=self.audience,
            method=method,
            target=target,
            body_hash=hashlib.sha256(body).digest(),
            address=ADDRESS,
            request_id=REQUEST_ID,
        )
        return {"X-KeyArc-Context": context}


def _body(kwargs: dict[str, Any]) -> bytes:
    """Take the body out of *kwargs*, and say there what it is."""
    media = kwargs.pop("json", None)
    body = kwargs.pop("body", None) or b""
    if media is not None:
        kwargs["content_type"] = "application/json"
        body = json.dumps(media)
    return body.encode() if isinstance(body, str) else body
