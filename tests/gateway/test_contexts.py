"""A private service believes a context once, for the one request it was signed for."""

import socket
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from shared import access_tokens
from shared.access_tokens import Access
from tests.gateway.chain import SECRET, SECRETS, Served
from tests.gateway.wire import Headers, Reply, replies

BODY = b"{}"  # understood and found incomplete: 422 tells that the context was taken
VAULT = uuid4()
TARGETS = {
    "account": "/api/account/vaults?a=b",
    "keys": f"/api/keys/vaults/{VAULT}/secrets/read?a=b",
}
USER = Access(uuid4(), uuid4())


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """Account and keys as they run in production, with a database that is away."""
    folder = tmp_path_factory.mktemp("services")
    env = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "CONTEXT_PUBLIC_KEYS": access_tokens.context_public_key(SECRET),
    }
    served = {
        name: Served(
            socket.create_server(("127.0.0.1", 0)),
            f"handlers.{name}.app:from_env()",
            env,
            folder / f"{name}.log",
        )
        for name in TARGETS
    }
    yield served
    for each in served.values():
        each.stop()


def ask(
    served: Served, target: str, context: str | None, *, method: str = "POST", body: bytes = BODY
) -> Reply:
    headers: Headers = [
        ("Host", "localhost"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    headers += [("X-KeyArc-Context", context)] if context is not None else []
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as sock:
        sock.sendall(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body)
        sock.shutdown(socket.SHUT_WR)
        got = b"".join(iter(lambda: sock.recv(65_536), b""))
    [reply] = replies(got)
    return reply


def sign(audience: str, secrets: tuple[str, ...] = SECRETS, **changed: Any) -> str:
    request = {
        "audience": audience,
        "method": "POST",
        "target": TARGETS.get(audience),
        "body_hash": sha256(BODY).digest(),
        "address": "192.0.2.1",
        "request_id": str(uuid4()),
    }
    return access_tokens.sign_context(secrets, USER, **(request | changed))


@pytest.mark.parametrize("name", TARGETS)
def test_a_context_is_taken_once(services: dict[str, Served], name: str) -> None:
    context = sign(name)

    first, again = (ask(services[name], TARGETS[name], context) for _ in range(2))

    assert (first.status, again.status) == (422, 401)


@pytest.mark.parametrize("context", [None, "", "a.b.c", "Bearer x", "\x01", "[" * 4000])
@pytest.mark.parametrize("name", TARGETS)
def test_without_a_context_nobody_passes(
    services: dict[str, Served], name: str, context: str | None
) -> None:
    reply = ask(services[name], TARGETS[name], context)

    assert reply.status in {400, 401}
    assert reply.status == 400 or b"/problems/not-signed-in" in reply.body


@pytest.mark.parametrize("name", TARGETS)
def test_an_access_token_is_no_context(services: dict[str, Served], name: str) -> None:
    token = access_tokens.sign_access(SECRETS, USER.user_id, USER.session_id)

    assert ask(services[name], TARGETS[name], token).status == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"method": "post"},
        {"target": "/api/keys/vaults"},
        {"target": TARGETS["keys"].removesuffix("?a=b")},
        {"target": TARGETS["keys"] + "&c=d"},
        {"target": TARGETS["keys"].replace("keys", "Keys")},
        {"body_hash": sha256(b"").digest()},
        {"body_hash": sha256(b"{ }").digest()},
        {"audience": "account", "target": TARGETS["keys"]},
        {"audience": "auth", "target": TARGETS["keys"]},
        {"secrets": ("somebody else's secret, long enough, too",)},
    ],
)
def test_a_context_for_another_request_is_refused(
    services: dict[str, Served], changed: dict[str, Any]
) -> None:
    context = sign(**({"audience": "keys"} | {"target": TARGETS["keys"]} | changed))

    assert ask(services["keys"], TARGETS["keys"], context).status == 401


def test_a_context_does_not_outlive_its_thirty_seconds(
    services: dict[str, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    signed = {}
    for age in (25, 31):
        monkeypatch.setattr("shared.access_tokens.time.time", lambda age=age: now - age)
        signed[age] = sign("keys")

    statuses = [ask(services["keys"], TARGETS["keys"], signed[age]).status for age in signed]

    assert statuses == [422, 401]


def test_the_body_that_arrives_is_the_one_that_was_signed(services: dict[str, Served]) -> None:
    context = sign("keys")

    assert ask(services["keys"], TARGETS["keys"], context, body=b'{"secret_ids":[]}').status == 401
