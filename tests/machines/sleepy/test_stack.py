"""The whole of KeyArc asleep: who wakes for what, and that nothing else changes."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from machines.sleepy.rules import By
from machines.sleepy.stack import Sleepy
from machines.stack import SERVICES
from shared import access_tokens
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.device import Device
from shared.keyarc.items import Details, Field, Overview
from shared.keyarc.secret_store import secret_store
from tests.gateway.test_spoofing import NAMES
from tests.gateway.wire import eventually

PASSWORD = "correct horse battery staple"
NEVER_S = 3600.0
ALL = set(SERVICES)
JSON = {"Content-Type": "application/json"}
MADE_UP = (*NAMES, "X-Real-IP", "True-Client-IP", "Fly-Forwarded-Port", "Fly-Region", "Via")


@pytest.fixture(scope="module")
def sleepy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sleepy]:
    folder = tmp_path_factory.mktemp("sleepy")
    with Sleepy(folder, idle_s=NEVER_S, durable=False) as stack:
        yield stack


@pytest.fixture
def asleep(sleepy: Sleepy) -> Sleepy:
    """The whole, all of it stopped."""
    for name, service in SERVICES.items():
        ask(sleepy, "/" if name == "edge" else service.health, at=name)
    put_to_sleep(sleepy, "stop")
    return sleepy


def put_to_sleep(sleepy: Sleepy, by: By) -> None:
    """Return when all sleep: an answer that nobody waits for may still be under way."""

    def asleep() -> bool:
        sleepy.fleet.sleep(by=by)
        return not awake(sleepy)

    assert eventually(asleep, 30)


def awake(sleepy: Sleepy) -> set[str]:
    return {name for name in SERVICES if sleepy.fleet.state(name) == "started"}


def ask(
    sleepy: Sleepy,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    *,
    at: str = "edge",
) -> tuple[int, bytes]:
    netloc = sleepy.service_urls[at].removeprefix("http://")
    with closing(http.client.HTTPConnection(netloc, timeout=60)) as connection:
        connection.request("POST" if body else "GET", path, body, dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read()


def test_the_page_wakes_the_frontend_alone(asleep: Sleepy) -> None:
    status, page = ask(asleep, "/")

    assert (status, b"KeyArc" in page) == (200, True)
    assert awake(asleep) == {"edge"}


def test_the_warm_calls_wake_all_of_it(asleep: Sleepy) -> None:
    statuses = [ask(asleep, path)[0] for path in ("/auth/health", "/api/warm")]

    assert statuses == [200, 202]
    assert eventually(lambda: awake(asleep) == ALL, 30)


@pytest.mark.parametrize("name", ["auth", "gateway", "account", "keys"])
def test_a_private_address_wakes_its_own_service(asleep: Sleepy, name: str) -> None:
    assert ask(asleep, SERVICES[name].health, at=name)[0] == 200

    assert awake(asleep) == {name}


@pytest.mark.parametrize("by", ["stop", "suspend"])
def test_somebody_who_comes_to_a_sleeping_keyarc_finds_what_was_left_there(
    asleep: Sleepy, by: By
) -> None:
    email = f"{uuid4().hex}@example.com"
    new = Client.prepare_sign_up(asleep.url, email, PASSWORD)
    with closing(Client.sign_up(new)) as client:
        vault_id = client.create_vault("work")
        secret = Write(Overview(name="TOKEN"), Details((Field("value", "hush"),)))
        client.change(vault_id, lambda _view: [secret])
    put_to_sleep(asleep, by)

    with closing(Client.log_in(asleep.url, email, PASSWORD, new.account_key)) as client:
        names = [
            each.overview.name for each in client.sync(client.vault("work").id).secrets.values()
        ]

    assert names == ["TOKEN"]
    assert awake(asleep) == ALL


class SignedIn:
    """Somebody who is signed in, and the addresses that were written down for them."""

    def __init__(self, stack: Sleepy, folder: Path) -> None:
        self._database = stack.database_url
        self.email = f"{uuid4().hex}@example.com"
        device = Device(folder)
        device.choose_store("file")
        new = Client.prepare_sign_up(stack.url, self.email, PASSWORD)
        Client.sign_up(new, device).close()
        token = json.loads(secret_store(device).get("session") or "")["access_token"]
        secrets = (stack.environment("gateway")["JWT_SECRET"],)
        self.user_id = access_tokens.verify_access(secrets, token).user_id
        self.bearer = {"Authorization": f"Bearer {token}"}

    def written_down(self) -> Counter[tuple[str, str]]:
        """How often what was done from which address."""
        with psycopg.connect(self._database) as conn:
            found = conn.execute(
                "SELECT action, address FROM audit_log WHERE user_id = %s", [self.user_id]
            )
            return Counter((action, address) for action, address in found)


def test_headers_that_a_client_makes_up_change_nobodys_address_or_name(
    sleepy: Sleepy, tmp_path: Path
) -> None:
    someone = SignedIn(sleepy, tmp_path)
    lookup = f"/api/account/people?email={someone.email}"
    for name in MADE_UP:
        header = {name: "6.6.6.6"}
        strange, _ = ask(sleepy, lookup, header)
        own, person = ask(sleepy, lookup, someone.bearer | header)

        assert (strange, own) == (401, 200), name
        assert json.loads(person)["user_id"] == str(someone.user_id)
    written = someone.written_down()
    assert {address for _, address in written} == {"127.0.0.1"}
    assert written["person.looked_up", "127.0.0.1"] == len(MADE_UP)
