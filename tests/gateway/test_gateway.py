"""Who passes the gateway, what it refuses before it reads, and what it answers by itself."""

import ast
import json
import re
import socket
import subprocess
import sys

import pytest

from handlers.gateway.routes import create_app
from shared import access_tokens, browsers
from tests.gateway.chain import ROOT, SECRET, SECRETS, Chain
from tests.gateway.wire import Headers, replies

COOKIE = "__Host-keyarc-access"
WEB: Headers = [("KeyArc-Client", "web")]


@pytest.mark.parametrize("service", ["account", "keys"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_every_method_and_query_reach_their_service(
    chain: Chain, service: str, method: str
) -> None:
    body = b'{"a":1}' if method[0] == "P" else None
    target = f"/api/{service}/vaults/7f/x-1_2~3.4?since=3&email=a%40b.example&since=4"

    reply = chain.ask(method, target, [("Content-Type", "application/json")], body)

    assert (reply.status, reply.body) == (200, b'{"said":"yes"}')
    [recorded] = chain.service.requests
    assert (recorded.method, recorded.target, recorded.body) == (method, target, body or b"")
    assert recorded.values("Content-Type") == ["application/json"]
    assert chain.context().user_id == chain.user.user_id


def test_one_request_id_goes_the_whole_way(chain: Chain) -> None:
    reply = chain.ask("GET", "/api/keys/x", [("X-Request-Id", "mine")])

    [sent] = chain.service.requests[0].values("X-Request-Id")
    assert reply.headers["x-request-id"] == sent == chain.context().request_id
    assert re.fullmatch(r"[0-9a-f-]{36}", sent)
    for service in ("edge", "gateway"):
        assert sent in chain.log.with_name(f"{service}.log").read_text()


@pytest.mark.parametrize("path", ["/api/account/profile", "/api/keys/vaults"])
def test_a_stranger_does_not_pass(chain: Chain, path: str) -> None:
    reply = chain.ask("GET", path, signed_in=False)

    assert reply.status == 401
    assert json.loads(reply.body)["type"] == "/problems/not-signed-in"
    assert not chain.service.requests


@pytest.mark.parametrize(
    "headers",
    [
        WEB,
        [*WEB, ("Sec-Fetch-Site", "same-origin")],
        [*WEB, ("Origin", "{origin}"), ("Sec-Fetch-Site", "same-origin")],
    ],
)
def test_the_page_passes_with_its_cookie(chain: Chain, headers: Headers) -> None:
    origin = f"http://{chain.host}"
    sent = [(name, value.format(origin=origin)) for name, value in headers]

    reply = chain.ask("POST", "/api/keys/x", [*sent, cookie(chain)], b"{}", signed_in=False)

    assert reply.status == 200
    assert chain.context().user_id == chain.user.user_id
    assert not chain.service.requests[0].values("Cookie")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("KeyArc-Client", "Web")],
        [("KeyArc-Client", "web, web")],
        [*WEB, ("Sec-Fetch-Site", "same-site")],
        [*WEB, ("Sec-Fetch-Site", "cross-site")],
        [*WEB, ("Sec-Fetch-Site", "none")],
        [*WEB, ("Origin", "null")],
        [*WEB, ("Origin", "https://evil.example")],
        [*WEB, ("Origin", "http://localhost")],
    ],
)
def test_another_site_does_not_pass_with_the_cookie(chain: Chain, headers: Headers) -> None:
    for method, body in (("GET", None), ("POST", b"{}")):
        reply = chain.ask(method, "/api/keys/x", [*headers, cookie(chain)], body, signed_in=False)

        assert reply.status == 401
    assert not chain.service.requests


def test_a_service_hears_which_page_asks_and_of_no_other(chain: Chain) -> None:
    for origin in (f"http://{chain.host}", "https://evil.example", "null"):
        assert chain.ask("POST", "/api/account/x", [("Origin", origin)], b"{}").status == 200

    told = [request.values("Origin") for request in chain.service.requests]
    assert told == [[f"http://{chain.host}"], [], []]


@pytest.mark.parametrize("other", "abcdefgh")
def test_a_second_cookie_of_the_name_lets_nobody_in(chain: Chain, other: str) -> None:
    headers = [*WEB, ("Cookie", f"{COOKIE}={other}; {COOKIE}={chain.token}")]

    assert chain.ask("GET", "/api/keys/x", headers, signed_in=False).status == 401


def test_bearer_wins_over_the_cookie(chain: Chain) -> None:
    headers = [*WEB, cookie(chain), ("Authorization", "Bearer nonsense")]

    assert chain.ask("GET", "/api/keys/x", headers, signed_in=False).status == 401


@pytest.mark.parametrize(
    ("method", "path", "length", "status"),
    [
        ("POST", "/api/keys/vaults/v/secrets/read", (1 << 20) + 1, 413),
        ("POST", "/api/keys/vaults/v/commits", (16 << 20) + 1, 413),
        ("PUT", "/api/keys/vaults/v/commits", (1 << 20) + 1, 413),
        ("POST", "/api/account/vaults/v/commits", (1 << 20) + 1, 413),
    ],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_sent(
    chain: Chain, method: str, path: str, length: int, status: int
) -> None:
    head = chain.request(method, path, [("Content-Length", str(length))])
    with socket.create_connection(("127.0.0.1", chain.served["gateway"].port), timeout=5) as sock:
        sock.sendall(head)
        got = sock.recv(65_536)

    assert replies(got)[0].status == status
    assert not chain.service.requests


def test_a_chunked_body_that_grows_too_large_is_refused(chain: Chain) -> None:
    head = chain.request("POST", "/api/keys/x", [("Transfer-Encoding", "chunked")])
    body = b"100001\r\n" + bytes(0x100001) + b"\r\n0\r\n\r\n"

    [reply] = chain.send(head + body, at="gateway")

    assert reply.status == 413
    assert not chain.service.requests


def test_a_large_commit_travels_whole(chain: Chain) -> None:
    body = bytes(range(256)) * 16_384

    reply = chain.ask("POST", "/api/keys/vaults/v/commits", body=body)

    assert reply.status == 200
    assert chain.service.requests[0].body == body
    assert chain.context().user_id == chain.user.user_id


@pytest.mark.parametrize("check", ["health", "ready"])
@pytest.mark.parametrize("service", ["account", "keys"])
def test_the_checks_of_the_services_are_not_for_the_world(
    chain: Chain, service: str, check: str
) -> None:
    assert chain.ask("GET", f"/api/{service}/{check}").status == 404
    assert not chain.service.requests


def test_health_answers_every_host(chain: Chain) -> None:
    [reply] = chain.send(b"GET /api/health HTTP/1.1\r\nHost: [fdaa::1]:8080\r\n\r\n", at="gateway")

    assert reply.status == 200


def test_what_the_gateway_does_not_have_is_not_found(chain: Chain) -> None:
    for path in ("/api/x", "/api/account", "/api/keys/", "/api/accounts/x"):
        assert chain.ask("GET", path).status in {400, 404}
    assert not chain.service.requests


def test_the_gateway_loads_no_database_and_no_schemas() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import handlers.gateway.routes, sys; print(sorted(sys.modules))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    names = set(ast.literal_eval(loaded.stdout))
    heavy = {"psycopg", "marshmallow", "jwt", "cryptography"}
    assert "handlers.gateway.upstream" in names
    assert not names & heavy


@pytest.mark.parametrize("name", ["JWT_SECRET", "PUBLIC_ORIGIN", "ACCOUNT_URL", "KEYS_URL"])
def test_a_missing_setting_stops_the_boot_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings = {
        "JWT_SECRET": SECRET,
        "PUBLIC_ORIGIN": "http://localhost",
        "ACCOUNT_URL": "http://localhost",
        "KEYS_URL": "http://localhost",
    }
    for key, value in settings.items():
        monkeypatch.setenv(key, value)
    monkeypatch.delenv(name)

    from handlers.gateway.app import from_env

    with pytest.raises(SystemExit, match=name):
        from_env()


def test_the_gateway_has_routes_and_no_sinks() -> None:
    app = create_app({}, SECRETS, browsers.Origins("http://localhost"))

    assert not app._sinks  # noqa: SLF001 - falcon tells it nowhere else


def cookie(chain: Chain) -> tuple[str, str]:
    token = access_tokens.sign_access(SECRETS, chain.user.user_id, chain.user.session_id)
    return ("Cookie", f"theme=dark; {COOKIE}={token}")
