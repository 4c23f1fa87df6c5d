"""Somebody's first visit through nginx: the page, the client library and the real services."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from machines.stack import SERVICES, SITE, Stack
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.items import Details, Field, Overview
from tests.gateway.chain import Served
from tests.gateway.wire import eventually
from tests.machines.web_server import WebServer, needs_nginx
from tests.web.person import PASSWORD, Person

pytestmark = needs_nginx


@pytest.fixture(scope="module")
def server(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Nginx before an auth and a gateway that know its address; all else is the stack's."""
    folder = tmp_path_factory.mktemp("front")
    listening = {name: socket.create_server(("127.0.0.1", 0)) for name in ("auth", "gateway")}
    urls = {name: f"http://127.0.0.1:{each.getsockname()[1]}" for name, each in listening.items()}
    with ExitStack() as undo:
        server = WebServer(folder, SITE, auth_url=urls["auth"], gateway_url=urls["gateway"])
        undo.callback(server.stop)
        for name, each in listening.items():
            env = stack.environment(name) | {"PUBLIC_ORIGIN": f"http://{server.host}"}
            served = Served(each, SERVICES[name].app, env, folder / f"{name}.log")
            undo.callback(served.stop)
        yield server


def test_the_client_library_signs_up_logs_in_and_commits(server: WebServer) -> None:
    url, email = f"http://{server.host}", f"{uuid4().hex}@example.com"
    new = Client.prepare_sign_up(url, email, PASSWORD)
    written = Write(Overview(name="TOKEN"), Details((Field("value", "t0ken"),)))

    with closing(Client.sign_up(new)) as first:
        vault_id = first.create_vault("Work")
        first.change(vault_id, lambda _: [written])
    with closing(Client.log_in(url, email, PASSWORD, new.account_key)) as second:
        view = second.sync(vault_id)
        [details] = second.details(view, view.secrets).values()

    assert details.value == "t0ken"


def test_a_secret_is_kept_by_the_page(page: Page, server: WebServer) -> None:
    person = Person(page, f"{uuid4().hex}@example.com")
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)

    person.sign_up(f"http://{server.host}")
    person.create_vault("Work")
    person.add_secret(Name="STRIPE_KEY", Value_1="sk_test_4242")
    page.reload()
    person.unlock()
    person.open_secret("STRIPE_KEY")
    person.press("Reveal")

    expect(page.get_by_text("sk_test_4242")).to_be_visible()
    assert faults == []


def test_an_answer_of_a_service_is_its_own(server: WebServer) -> None:
    ready = server.ask("GET", "/auth/ready")
    refused = server.ask("GET", "/api/keys/vaults")
    unknown = server.ask("GET", "/auth/nothing")

    assert (ready.status, ready.body) == (200, b'{"status": "ready"}')
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert unknown.status == 404
    assert unknown.headers["content-type"] == "application/problem+json"
    assert unknown.headers["cache-control"] == "no-store"


def test_one_id_goes_with_a_request_to_the_end(server: WebServer) -> None:
    reply = server.ask("GET", "/auth/nothing")

    own = reply.headers["x-request-id"]
    assert eventually(lambda: own in server.log.read_text())
    assert eventually(lambda: own in (server.log.parent / "auth.log").read_text())
