"""M38: no route hands out a sealed key before everything is proved that it asks for.

The routes are walked as they are: a new one that answers with a sealed key is found by its schema,
and a new proof by its name.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from falcon.testing import Result

from handlers.auth import routes as auth_routes
from machines import openapi
from machines.openapi import Route
from shared import browsers
from shared.db import Connection
from shared.keyarc import kdf
from shared.keyarc.encoding import ObjectType, b64
from shared.quick_marshmallow import fields
from shared.schemas import Schema
from tests import second_factors, vaults
from tests.authenticator import Passkey
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import OneTransaction
from tests.factories import FROM_PAGE
from tests.second_factors import PROOF

SEALED = {"identity", "keyring", "recovery_user_key", "user_key"}
ANSWERS = {
    "GET /api/account/data",
    "GET /api/account/second-factors",
    "POST /auth/machine-sessions",
    "POST /auth/passkey-sessions",
    "POST /auth/recovery/finish",
    "POST /auth/recovery/keys",
    "POST /auth/sessions",
    "POST /auth/sessions/passkey",
    "POST /auth/sessions/totp",
}
PROOFS = {"auth", "code", "credential", "mail_code", "recovery", "recovery_auth", "refresh_token"}
ROUTES = {f"{route.method} {route.path}": route for route in openapi.routes(openapi.apps()["auth"])}
WALKED = [
    (name, proof)
    for name, route in sorted(ROUTES.items())
    if route.operation.request is not None
    for proof in sorted(PROOFS & set(route.operation.request.fields))
]


def _answered(schema: Any) -> Iterator[str]:
    """Yield the name of every field of an answer, however deep."""
    for name, field in schema.fields.items():
        yield name
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from _answered(inner.schema)


def _sealed(route: Route) -> bool:
    answers = (route.operation.response, *route.operation.also.values())
    told = {name for schema in answers if isinstance(schema, Schema) for name in _answered(schema)}
    return bool(told & SEALED)


def test_only_these_routes_answer_with_sealed_keys() -> None:
    """M38: the list is literal: who adds a route that does writes it here, and its proofs."""
    found = {
        f"{route.method} {route.path}"
        for app in openapi.apps().values()
        for route in openapi.routes(app)
        if _sealed(route)
    }

    assert found == ANSWERS


class World:
    """Somebody with every kind of second factor, a passkey that unlocks, and a recovery begun."""

    def __init__(self, auth: Client, account: Client, conn: Connection) -> None:
        self.auth = auth
        self.conn = conn
        self.guarded = guarded = second_factors.unguarded(auth, account)
        guarded.add_totp(second_factors.now(conn))
        self.passkey = guarded.add_passkey()
        unlocking = b64(vaults.blob(ObjectType.USER_KEY_BY_PASSKEY))
        path = f"passkeys/{b64(self.passkey.credential_id)}/unlock"
        body = {"keyset": "1", "user_key": unlocking}
        assert guarded.ask("PUT", path, json=body).status_code == 204
        registration = guarded.person.registration
        self.sealed = {registration[name] for name in SEALED} | {unlocking}

    def values(self) -> dict[str, Any]:
        """Return a right value for every field of a request."""
        person = self.guarded.person
        begun = self.auth.post("/auth/recovery", json=self._begin())
        return person.registration | {
            "device": "a laptop",
            "code": self.guarded.backup_codes.pop(),
            "recovery": begun.json["recovery"],
            "new_recovery_auth": b64(bytes(32)),
            "keyset": "2",
            "public_key": "A" * 1622,
            "machine_id": str(person.user_id),
        }

    def _begin(self) -> dict[str, Any]:
        person = self.guarded.person
        proof = b64(kdf.derive_auth(person.recovery_key))
        return {"email": person.email, "recovery_auth": proof, "device": "a laptop"}

    def body(self, route: Route) -> dict[str, Any]:
        """Return a request with which the route does what it is for."""
        values, wanted = self.values(), route.operation.request.fields
        if "challenge" in wanted:
            values["challenge"] = self._challenge(route)
            values["credential"] = self.passkey.sign(values["challenge"])
        if "credential" in wanted:
            values.pop("code")
        return {name: values[name] for name in wanted if name in values}

    def _challenge(self, route: Route) -> Any:
        if route.path == PROOF:
            there = self.auth.as_(self.guarded.actor)
            asked = there.post(PROOF, json={"auth": self.guarded.person.login["auth"]})
            return asked.json["challenge"]
        if "passkey-sessions" in route.path:
            asked = self.auth.post("/auth/passkey-sessions/options", headers=FROM_PAGE)
            return asked.json["challenge"]
        return self.guarded.challenged()

    def wrong(self, body: dict[str, Any], proof: str) -> Any:
        """Return what somebody else would put in the place of a proof."""
        if proof == "credential":
            return Passkey(self.passkey.credential_id).sign(body["challenge"])
        return "AAAA-AAAA-AAAA-AAAA" if proof in {"code", "mail_code"} else b64(bytes(32))

    def ask(self, route: Route, body: dict[str, Any] | None) -> Result:
        self.conn.execute("DELETE FROM limits")
        return self.auth.as_(self.guarded.actor).simulate_request(
            route.method, route.path.format(request_id=uuid4()), json=body, headers=FROM_PAGE
        )

    def told(self, response: Result) -> bool:
        return any(each in response.text for each in self.sealed)


@pytest.fixture
def world(account: Client, conn: Connection) -> World:
    pool = OneTransaction(conn, "keyarc_auth")
    origins = browsers.Origins(ORIGIN)
    app = auth_routes.create_app(pool, (JWT_SECRET,), origins, recovery_delay_s=0)
    return World(Client(app), account, conn)


@pytest.mark.parametrize(
    "name",
    [
        "POST /auth/passkey-sessions",
        "POST /auth/recovery/keys",
        "POST /auth/sessions/passkey",
        "POST /auth/sessions/totp",
    ],
)
def test_every_proof_together_opens(world: World, name: str) -> None:
    """M38: what the walk below changes is otherwise right."""
    assert world.told(world.ask(ROUTES[name], world.body(ROUTES[name])))


def test_the_first_step_alone_opens_nothing(world: World) -> None:
    """M38: with a second factor, the right password receives a challenge."""
    route = ROUTES["POST /auth/sessions"]

    assert not world.told(world.ask(route, world.body(route)))


@pytest.mark.parametrize(("name", "proof"), WALKED)
def test_no_route_answers_with_sealed_keys_where_a_proof_is_wrong(
    world: World, name: str, proof: str
) -> None:
    """M38: of everything that is proved, one thing is wrong, and then it is missing."""
    body = world.body(ROUTES[name])
    if proof not in body:
        body[proof] = world.values().get(proof)
    wrong = body | {proof: world.wrong(body, proof)}
    missing = {field: value for field, value in body.items() if field != proof}

    for response in (world.ask(ROUTES[name], wrong), world.ask(ROUTES[name], missing)):
        assert not world.told(response), response.text
