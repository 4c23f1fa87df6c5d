"""What a machine may ask: it reads, and every other route of every service refuses it."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from marshmallow import fields

from machines import openapi
from machines.openapi import Route
from shared import schemas
from shared.db import Connection
from shared.keyarc.encoding import b64
from tests import machine_tokens, vaults
from tests.clients import ORIGIN, Client
from tests.machine_tokens import Machine
from tests.rows import nothing_stored
from tests.vaults import Vault

OF_MACHINES = {
    "DELETE /auth/sessions/current",
    "GET /api/account/keyring",
    "GET /api/account/profile",
    "GET /api/account/shares",
    "GET /api/account/vaults",
    "GET /api/keys/vaults/{vault_id}/commits",
    "GET /api/keys/vaults/{vault_id}/expiring",
    "GET /api/keys/vaults/{vault_id}/secrets",
    "GET /api/keys/vaults/{vault_id}/secrets/{secret_id}",
    "GET /api/keys/vaults/{vault_id}/secrets/{secret_id}/versions",
    "GET /api/keys/vaults/{vault_id}/secrets/{secret_id}/versions/{version}",
    "POST /api/keys/vaults/{vault_id}/secrets/read",
    "POST /api/keys/vaults/{vault_id}/versions/overviews",
    "PUT /api/account/keyring",
}
SERVICES = ("account", "auth", "keys")
PARAMETER = re.compile(r"{(\w+)}")


def closed(service: str) -> Iterator[Route]:
    """Yield the routes that ask who it is."""
    yield from (route for route in openapi.routes(openapi.apps()[service]) if not route.public)


@pytest.fixture
def vault(conn: Connection, keys: Client) -> Vault:
    vault = vaults.begin(conn)
    vault.fill(keys, 1)
    return vault


@pytest.fixture
def machine(conn: Connection, account: Client, auth: Client, vault: Vault) -> Machine:
    machine = machine_tokens.made(conn, account, vault)
    machine_tokens.logged_in(auth, machine)
    return machine


@pytest.mark.parametrize("service", SERVICES)
def test_every_other_route_refuses_a_machine(
    conn: Connection,
    request: pytest.FixtureRequest,
    vault: Vault,
    machine: Machine,
    service: str,
) -> None:
    client = request.getfixturevalue(service).as_(machine)
    refused, taken = {}, set()

    for route in sorted(closed(service), key=lambda route: (route.method, route.path)):
        name = f"{route.method} {route.path}"
        if name in OF_MACHINES:
            taken.add(name)
            continue
        with nothing_stored(conn):
            answer = client.simulate_request(route.method, path(route, vault), **sent(route))
        refused[name] = (answer.status_code, answer.json.get("type") if answer.content else None)

    assert taken == {name for name in OF_MACHINES if f"/{service}/" in name}
    assert refused
    assert set(refused.values()) == {(403, "/problems/forbidden")}, refused


def test_the_routes_of_machines_take_one(
    account: Client, keys: Client, auth: Client, vault: Vault, machine: Machine
) -> None:
    clients = {"account": account, "auth": auth, "keys": keys}
    last = "DELETE /auth/sessions/current"
    routes = {
        f"{route.method} {route.path}": (clients[service].as_(machine), route)
        for service in SERVICES
        for route in closed(service)
    }

    for name in [*sorted(OF_MACHINES - {last}), last]:
        client, route = routes[name]
        answer = client.simulate_request(route.method, path(route, vault), **sent(route))
        assert answer.status_code < 300, (name, answer.text)

    ended = keys.as_(machine).get(f"{vault.url}/secrets")
    assert ended.json["type"] == "/problems/session-ended"


def path(route: Route, vault: Vault) -> str:
    """Return a path of the route: of the machine's vault, and of what is in it."""
    secret_id = next(
        one.secret_id for rows in vault.state.secrets.values() for one in rows.values()
    )
    known = {"vault_id": vault.id, "secret_id": secret_id, "version": 1, "credential_id": "AAAA"}
    return PARAMETER.sub(lambda found: str(known.get(found[1], uuid4())), route.path)


def sent(route: Route) -> dict[str, Any]:
    """Return a request of the right shape, so that nothing but the machine is wrong with it."""
    request, query = route.operation.request, {"email": "someone@example.com"}
    params = {name: query[name] for name in route.operation.query if name in query}
    body = None if request is None else sample(request)
    return {"params": params, "json": body, "headers": {"Origin": ORIGIN}}


def sample(schema: Any) -> dict[str, Any]:
    """Return a body that the schema takes."""
    return {name: _value(field) for name, field in schema.fields.items() if field.required}


def _value(field: Any) -> Any:
    return next(make(field) for kind, make in VALUES if isinstance(field, kind))


VALUES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (schemas.Blob, lambda field: b64(vaults.blob(field._kind))),  # noqa: SLF001 - its shape
    (schemas.Bytes, lambda field: b64(bytes(field._length or 32))),  # noqa: SLF001 - its shape
    (schemas.Day, lambda _: "2999-01-01"),
    (schemas.U64, lambda _: "1"),
    (schemas.Email, lambda _: "someone@example.com"),
    (fields.UUID, lambda _: str(uuid4())),
    (fields.AwareDateTime, lambda _: "2999-01-01T00:00:00Z"),
    (fields.Nested, lambda field: sample(field.schema)),
    (fields.List, lambda _: []),
    (fields.Boolean, lambda _: True),
    (fields.Boolean, lambda _: True),
    (fields.Integer, lambda _: 1),
    (fields.String, lambda _: "x"),
    (fields.Field, lambda _: {}),
)
