"""After a suspend a machine's clock is old until somebody sets it: what has ended stays ended."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from machines.stack import Stack
from shared import access_tokens
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.secret_store import secret_store
from tests.machines.behaviour.alone import PROFILE, Alone
from tests.machines.behaviour.conftest import NewService

CLOCK = Path(__file__).parent / "clock"
A_DAY_S = 86_400
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Login:
    """What a login left on a device, and an access token of the day before."""

    access: access_tokens.Access
    refresh_token: str
    old_token: str


@dataclass(frozen=True)
class Chain:
    """Auth, gateway and account, whose clocks are set by a file each."""

    clocks: dict[str, Path]
    services: dict[str, Alone]

    def step_back(self, *names: str) -> None:
        for name in names:
            self.clocks[name].write_text(str(-A_DAY_S))

    def profile(self, login: Login) -> int:
        headers = {"Authorization": f"Bearer {login.old_token}"}
        return self.services["gateway"].ask(PROFILE, headers).status

    def refresh(self, login: Login) -> int:
        body = {"refresh_token": login.refresh_token}
        return self.services["auth"].ask("/auth/sessions/refresh", method="POST", body=body).status


@pytest.fixture
def chain(service: NewService, tmp_path: Path) -> Chain:
    clocks = {name: tmp_path / f"{name}.clock" for name in ("auth", "account", "gateway")}
    for clock in clocks.values():
        clock.write_text("0")
    told = {name: {"PYTHONPATH": str(CLOCK), "CLOCK_ERROR": str(clocks[name])} for name in clocks}
    services = {name: service(name, **told[name]) for name in ("auth", "account")}
    urls = {"ACCOUNT_URL": services["account"].url}
    services["gateway"] = service("gateway", **told["gateway"], **urls)
    return Chain(clocks, services)


@pytest.fixture
def login(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Login]:
    device = Device(tmp_path / "device")
    device.choose_store("file")
    new = Client.prepare_sign_up(stack.url, f"{uuid4().hex}@example.com", PASSWORD)
    with closing(Client.sign_up(new, device)):
        kept = json.loads(secret_store(device).get("session") or "")
        secrets = (stack.environment("gateway")["JWT_SECRET"],)
        access = access_tokens.verify_access(secrets, kept["access_token"])
        yesterday = time.time() - A_DAY_S
        monkeypatch.setattr("shared.access_tokens.time.time", lambda: yesterday)
        old = access_tokens.sign_access(secrets, access.user_id, access.session_id)
        monkeypatch.undo()
        yield Login(access, kept["refresh_token"], old)


def end_the_session(stack: Stack, login: Login) -> None:
    with psycopg.connect(stack.database_url, autocommit=True) as conn:
        ended = conn.execute(
            "UPDATE sessions SET expires_at = now() - interval '1 hour' WHERE session_id = %s",
            [login.access.session_id],
        )
        assert ended.rowcount == 1


def test_a_session_that_has_ended_stays_ended_where_the_clock_says_it_has_not(
    stack: Stack, chain: Chain, login: Login
) -> None:
    with_the_right_time = chain.profile(login)
    chain.step_back("auth", "gateway", "account")
    deceived = chain.profile(login)  # the token is signed and, by that clock, fresh
    end_the_session(stack, login)

    statuses = chain.profile(login), chain.refresh(login)

    assert (with_the_right_time, deceived) == (401, 200)
    assert statuses == (401, 401)


def test_a_clock_that_one_service_alone_has_wrong_lets_nobody_in(
    chain: Chain, login: Login
) -> None:
    chain.step_back("gateway")

    assert chain.profile(login) == 401


def test_the_times_of_a_new_session_are_the_databases(
    stack: Stack, chain: Chain, login: Login
) -> None:
    chain.step_back("auth")

    assert chain.refresh(login) == 200

    with psycopg.connect(stack.database_url) as conn:
        found = conn.execute(
            "SELECT refreshed_at > now() - interval '1 minute', expires_at > now()"
            " FROM sessions WHERE session_id = %s",
            [login.access.session_id],
        ).fetchone()
    assert found == (True, True)
