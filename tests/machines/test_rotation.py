"""JWT_SECRET is replaced while people work, and nobody has to log in again."""

import json
import secrets
import urllib.request
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError

import pytest

from machines.sockets import free_port
from machines.stack import Stack
from shared import access_tokens, browsers
from tests.factories import Person


@dataclass
class Visitor:
    """A client with its tokens, or with *page* a browser with its cookies."""

    url: str
    page: bool
    access: str = ""
    refresh: str = ""

    def log_in(self, person: Person) -> None:
        self._keep(*self._ask("POST", "/auth/sessions", person.login))

    def renew(self) -> None:
        body = {} if self.page else {"refresh_token": self.refresh}
        self._keep(*self._ask("POST", "/auth/sessions/refresh", body))

    def user_id(self) -> str:
        """Ask who it is, through gateway and account."""
        return str(self._ask("GET", "/api/account/profile")[1]["user_id"])

    def _keep(self, answer: HTTPResponse, media: dict[str, str]) -> None:
        if not self.page:
            self.access, self.refresh = media["access_token"], media["refresh_token"]
            return
        set_ = dict(
            line.split(";")[0].split("=", 1) for line in answer.headers.get_all("Set-Cookie", [])
        )
        self.access = set_[browsers.ACCESS_COOKIE]
        self.refresh = set_[browsers.REFRESH_COOKIE]

    def _ask(
        self, method: str, path: str, body: object = None
    ) -> tuple[HTTPResponse, dict[str, str]]:
        headers = {"Content-Type": "application/json"}
        if self.page:
            cookies = {browsers.ACCESS_COOKIE: self.access, browsers.REFRESH_COOKIE: self.refresh}
            headers |= {"KeyArc-Client": "web", "Origin": self.url}
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        elif self.access:
            headers["Authorization"] = f"Bearer {self.access}"
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, content, headers, method=method)  # noqa: S310 - our own
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - our own
            return answer, json.loads(answer.read())


def change(data: Path, jwt_secret: str) -> str:
    """Set JWT_SECRET of a local instance; return what it was."""
    file = data / "secrets.json"
    told = json.loads(file.read_text())
    before = str(told["jwt_secret"])
    file.write_text(json.dumps(told | {"jwt_secret": jwt_secret}))
    return before


def signed_by(secret: str, visitor: Visitor) -> bool:
    try:
        access_tokens.verify_access((secret,), visitor.access)
    except access_tokens.Refused:
        return False
    return True


def test_a_new_jwt_secret_logs_nobody_out(tmp_path: Path) -> None:
    data, port, person, new = tmp_path, free_port(), Person(), secrets.token_urlsafe(48)
    visitors = [Visitor(f"http://localhost:{port}", page) for page in (False, True)]

    with Stack(data, port, durable=False):
        body = json.dumps(person.registration).encode()
        asked = urllib.request.Request(  # noqa: S310 - our own
            f"{visitors[0].url}/auth/accounts", body, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(asked, timeout=60).close()  # noqa: S310 - our own
        for visitor in visitors:
            visitor.log_in(person)
    old = change(data, "")
    change(data, f"{new},{old}")

    with Stack(data, port, durable=False):
        of_old = [(visitor.user_id(), signed_by(old, visitor)) for visitor in visitors]
        for visitor in visitors:
            visitor.renew()
        of_both = [(visitor.user_id(), signed_by(new, visitor)) for visitor in visitors]
    change(data, new)

    with Stack(data, port, durable=False):
        of_new = [visitor.user_id() for visitor in visitors]
        for visitor in visitors:
            visitor.renew()
            assert visitor.user_id() == str(person.user_id)
        forged = Visitor(visitors[0].url, page=False)
        session_id = access_tokens.verify_access((new,), visitors[0].access).session_id
        forged.access = access_tokens.sign_access((old,), person.user_id, session_id)
        with pytest.raises(HTTPError, match="401"):
            forged.user_id()

    assert of_old == of_both == [(str(person.user_id), True)] * 2
    assert of_new == [str(person.user_id)] * 2
