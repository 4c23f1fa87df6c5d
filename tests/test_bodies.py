"""S15: bodies and queries that no client of ours sends: refused by name, and nothing is stored."""

from collections.abc import Iterator
from typing import Any

import pytest
from falcon.testing import Result

from machines.openapi import Route
from shared.db import Connection
from tests import vaults
from tests.askers import Objects
from tests.clients import ORIGIN, Client
from tests.rows import nothing_stored
from tests.test_access_matrix import ROUTES
from tests.test_machine_routes import PARAMETER, sample
from tests.vaults import Person, Vault

# What not every program reads alike: no body holds it.
BEYOND: tuple[Any, ...] = (1e308, 2**53 + 1, 2**64, 10**400, "\ud800")
# A value of each kind that JSON has, with those at which programs break.
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5),
    *("", " ", "\0", "a" * 70_000, "\u202e\uff11", "'; DROP TABLE users; --"),
    *([], [None], [[]], [{}], {}, {"": None}, {"$ne": 1}),
)
QUERIES = ("", "-1", "1.5", "x", "\0", "18446744073709551616", "9" * 400, "2027-13-01", "2027-06")
WITH_BODY = {name: route for name, (_, route) in ROUTES.items() if route.operation.request}
WITH_QUERY = {name: route for name, (_, route) in ROUTES.items() if route.operation.query}


@pytest.fixture
def vault(conn: Connection, keys: Client) -> Vault:
    vault = vaults.begin(conn)
    vault.fill(keys, 1)
    return vault


@pytest.fixture
def owner(conn: Connection, vault: Vault) -> Person:
    conn.execute("UPDATE sessions SET proven_at = now()")
    return vault.owner


def kind(value: Any) -> str:
    """Return which of JSON's kinds a value is; true and 1.5 are no whole numbers."""
    return type(value).__name__


def misshapen(honest: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield bodies in which one field is missing, or of another kind, and which."""
    for name, value in honest.items():
        yield name, {key: other for key, other in honest.items() if key != name}
        for wrong in VALUES:
            if wrong is not None and kind(wrong) != kind(value):
                yield name, honest | {name: wrong}
    yield "more", honest | {"more": 1}


def unreadable(honest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield bodies in which one field is what no body holds."""
    for name in honest:
        yield from (honest | {name: wrong} for wrong in BEYOND)


def strange(honest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield bodies in which one field has a strange value of the right kind."""
    for name, value in honest.items():
        for wrong in VALUES:
            if wrong is None or kind(wrong) == kind(value):
                yield honest | {name: wrong}


def test_a_field_of_another_kind_is_named_and_nothing_is_stored(
    conn: Connection, account: Client, keys: Client, vault: Vault, owner: Person
) -> None:
    """S15: for every field of every body of account and keys."""
    services = {"account": account.as_(owner), "keys": keys.as_(owner)}
    wrong, asked = [], 0

    with nothing_stored(conn):
        for name, route in WITH_BODY.items():
            for field, body in misshapen(sample(route.operation.request)):
                answer = ask(services[ROUTES[name][0]], route, vault, json=body)
                asked += 1
                if (answer.status_code, list(answer.json.get("errors", ""))) != (422, [field]):
                    wrong.append((name, field, answer.status_code, answer.text[:200]))

    assert wrong == []
    assert asked > 500


def test_what_programs_read_differently_is_refused(
    conn: Connection, account: Client, keys: Client, vault: Vault, owner: Person
) -> None:
    """S15: as a whole: a body that has one is malformed."""
    services = {"account": account.as_(owner), "keys": keys.as_(owner)}

    with nothing_stored(conn):
        statuses = {
            ask(services[ROUTES[name][0]], route, vault, json=body).status_code
            for name, route in WITH_BODY.items()
            for body in unreadable(sample(route.operation.request))
        }

    assert statuses == {400}


def test_a_strange_value_breaks_nothing(
    conn: Connection, account: Client, keys: Client, vault: Vault, owner: Person
) -> None:
    """S15: it is taken or refused, and no service fails by it."""
    services = {"account": account.as_(owner), "keys": keys.as_(owner)}
    failed = []

    for name, route in WITH_BODY.items():
        for body in strange(sample(route.operation.request)):
            with conn.transaction(force_rollback=True):
                answer = ask(services[ROUTES[name][0]], route, vault, json=body)
            if answer.status_code >= 500:
                failed.append((name, body))

    assert failed == []


def test_a_query_of_another_shape_is_refused(
    account: Client, keys: Client, vault: Vault, owner: Person
) -> None:
    """S15: and one that is repeated, as far as the route reads it."""
    services = {"account": account.as_(owner), "keys": keys.as_(owner)}
    wrong = []

    for name, route in WITH_QUERY.items():
        for parameter in route.operation.query:
            for value in (*QUERIES, ["1", "2"]):
                answer = ask(services[ROUTES[name][0]], route, vault, params={parameter: value})
                if answer.status_code not in {404, 422}:
                    wrong.append((name, parameter, value, answer.status_code))

    assert wrong == []


def ask(client: Client, route: Route, vault: Vault, **different: Any) -> Result:
    secret_id = next(next(iter(rows)) for rows in vault.state.secrets.values() if rows)
    known = Objects(vault, secret_id).path()
    path = PARAMETER.sub(lambda found: known[found[1]], route.path)
    request = {"headers": {"Origin": ORIGIN}} | different
    return client.simulate_request(route.method, path, **request)
