"""The OpenAPI documents say what the services do."""

import json
import re
from typing import Any

import pytest

from handlers.auth import routes as auth
from handlers.gateway import routes as gateway
from machines import openapi

DOCUMENTS = {
    "account": gateway.OPENAPI,
    "auth": auth.OPENAPI,
    "gateway": gateway.OPENAPI,
    "keys": gateway.OPENAPI,
}
# Private services answer the checks of their machines only; the gateway hands on by one pattern.
UNTOLD = re.compile(r"/api/(account|keys)/(health|ready|{rest})")
FREE_FORM = {"/auth/openapi.json", "/api/openapi.json"}
# What the server makes up by itself.
WITHOUT_BODY = {
    "POST /api/account/backup-codes",
    "POST /api/account/passkeys/options",
    "POST /api/account/totp",
    "POST /auth/links/{link_id}",
    "POST /auth/passkey-sessions/options",
}


def test_the_documents_are_current() -> None:
    for file, text in openapi.documents().items():
        assert file.read_text() == text, "run: python3 machines openapi"


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_route_is_in_its_document(service: str) -> None:
    paths = json.loads(DOCUMENTS[service].read_text())["paths"]

    routes = list(openapi.routes(openapi.apps()[service]))

    assert routes
    for route in routes:
        told = route.method.lower() in paths.get(route.path, {})
        assert told is not bool(UNTOLD.fullmatch(route.path)), route


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_route_says_what_it_takes_and_gives(service: str) -> None:
    for route in openapi.routes(openapi.apps()[service]):
        assert route.summary
        if UNTOLD.fullmatch(route.path) or route.path in FREE_FORM:
            continue
        if route.path.endswith(("/health", "/ready", "/warm")):
            continue
        assert (route.operation.response is None) is (route.operation.status == 204), route
        none = route.method in {"GET", "DELETE"} or f"{route.method} {route.path}" in WITHOUT_BODY
        assert (route.operation.request is None) is none, route


@pytest.mark.parametrize("document", sorted(set(DOCUMENTS.values())))
def test_every_reference_leads_somewhere(document: Any) -> None:
    text = document.read_text()
    schemas = json.loads(text)["components"]["schemas"]

    references = set(re.findall(r'"#/components/schemas/([^"]+)"', text))

    assert references == set(schemas)
