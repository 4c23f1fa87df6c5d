"""Who asks."""

import hashlib
from uuid import uuid4

import pytest
from falcon import Request, Response
from falcon.testing import TestClient

from shared import access_tokens, bodies, browsers, caller, service
from shared.access_tokens import Access, ContextVerifier
from tests.clients import ADDRESS, JWT_SECRET, ORIGIN, REQUEST_ID, Client

ME = Access(uuid4(), uuid4())


class Closed:
    """Answers with who asks."""

    def on_get(self, req: Request, resp: Response) -> None:
        actor = req.context.actor
        resp.media = [str(actor.user_id), str(actor.session_id), actor.address]

    def on_post(self, req: Request, resp: Response) -> None:
        resp.media = bodies.read(req).decode()


class Open:
    """Answers everybody."""

    public = True

    def on_get(self, req: Request, resp: Response) -> None:
        resp.media = hasattr(req.context, "actor")


def _client(middleware: object) -> Client:
    app = service.new_app("keys", "/api/keys", middleware=[middleware])
    app.add_route("/api/keys/closed", Closed())
    app.add_route("/api/keys/open", Open())
    return Client(app)


@pytest.fixture
def inside() -> Client:
    key = access_tokens.context_public_key(JWT_SECRET)
    client = _client(caller.FromContext(ContextVerifier(key, "keys")))
    client.audience = "keys"
    return client


@pytest.fixture
def edge() -> Client:
    return _client(caller.FromToken((JWT_SECRET,), browsers.Origins(ORIGIN)))


def test_a_context_tells_who_asks_from_where_under_which_id(inside: Client) -> None:
    response = inside.as_(ME).get("/api/keys/closed", params={"a": "b"})

    assert response.json == [str(ME.user_id), str(ME.session_id), ADDRESS]
    assert response.headers["X-Request-Id"] == REQUEST_ID


def test_the_body_of_a_context_is_still_there_to_read(inside: Client) -> None:
    assert inside.as_(ME).post("/api/keys/closed", body="hello").json == "hello"


def test_a_token_tells_who_asks(edge: Client) -> None:
    response = edge.as_(ME).get("/api/keys/closed")

    assert response.json == [str(ME.user_id), str(ME.session_id), ADDRESS]


def test_what_is_closed_is_closed_to_strangers(inside: Client, edge: Client) -> None:
    for client in (inside, edge):
        response = client.get("/api/keys/closed")

        assert response.json == {
            "type": "/problems/not-signed-in",
            "title": "Unauthorized",
            "status": 401,
        }
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_what_is_open_asks_nobody_for_a_name(inside: Client, edge: Client) -> None:
    assert inside.get("/api/keys/open").json is False
    assert edge.as_(ME).get("/api/keys/open").json is False


def _context(**changed: object) -> str:
    claims: dict[str, object] = {
        "audience": "keys",
        "method": "GET",
        "target": "/api/keys/closed",
        "body_hash": hashlib.sha256(b"").digest(),
        "address": ADDRESS,
        "request_id": REQUEST_ID,
    }
    return access_tokens.sign_context([JWT_SECRET], ME, **(claims | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        {"audience": "account"},
        {"method": "POST"},
        {"target": "/api/keys/closed?"},
        {"target": "/api/keys/Closed"},
        {"body_hash": hashlib.sha256(b"x").digest()},
    ],
)
def test_a_context_of_another_request_is_refused(
    inside: Client, changed: dict[str, object]
) -> None:
    headers = {"X-KeyArc-Context": _context(**changed)}

    assert inside.get("/api/keys/closed", headers=headers).status_code == 401


def test_a_context_is_good_once(inside: Client) -> None:
    headers = {"X-KeyArc-Context": _context()}

    assert inside.get("/api/keys/closed", headers=headers).status_code == 200
    assert inside.get("/api/keys/closed", headers=headers).status_code == 401


def test_inside_no_token_and_no_plain_header_counts(inside: Client) -> None:
    token = access_tokens.sign_access([JWT_SECRET], ME.user_id, ME.session_id)
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Cookie": f"{browsers.ACCESS_COOKIE}={token}", "KeyArc-Client": "web"},
        {"X-User-Id": str(ME.user_id)},
    ):
        assert inside.get("/api/keys/closed", headers=headers).status_code == 401


def test_at_the_edge_no_context_counts(edge: Client) -> None:
    headers = {"X-KeyArc-Context": _context()}

    assert edge.get("/api/keys/closed", headers=headers).status_code == 401


def test_a_wrong_bearer_token_is_not_made_good_by_a_cookie(edge: Client) -> None:
    token = access_tokens.sign_access([JWT_SECRET], ME.user_id, ME.session_id)
    cookie = {"Cookie": f"{browsers.ACCESS_COOKIE}={token}", "KeyArc-Client": "web"}

    assert edge.get("/api/keys/closed", headers=cookie).status_code == 200
    for wrong in ("Bearer x", "Basic x", "x"):
        headers = cookie | {"Authorization": wrong}
        assert edge.get("/api/keys/closed", headers=headers).status_code == 401


def test_a_closed_resource_that_no_caller_guards_answers_nobody() -> None:
    app = service.new_app("keys", "/api/keys")
    app.add_route("/api/keys/closed", Closed())

    assert TestClient(app).simulate_get("/api/keys/closed").status_code == 401
