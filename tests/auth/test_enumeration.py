"""S06: nobody without a person's mail can find out who has an account.

Three looks at each route that takes an address: what it answers, what it asks the database, and how
long it takes; the last one finer in `python3 machines bench enumeration`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from falcon.testing import Result

from handlers.auth import routes as auth_routes
from machines import openapi
from machines.bench import enumeration, samples
from machines.bench.enumeration import Route
from shared import browsers, mail
from shared.db import Connection
from tests import factories, mail_relay
from tests.clients import JWT_SECRET, ORIGIN, Client
from tests.databases import OneTransaction
from tests.factories import Person

REGISTRATION = Person().registration
ROUTES = [
    *((False, route) for route in enumeration.routes(REGISTRATION, mail=False)),
    *((True, route) for route in enumeration.routes(REGISTRATION, mail=True)),
]
ALL = pytest.mark.parametrize(
    ("with_mail", "route"), ROUTES, ids=[route.name for _, route in ROUTES]
)
RANDOM = {"recovery", "request_id", "salt", "secret", "user_id"}
TURNS, TRIES, GROSS = 60, 3, 0.33

Service = Callable[[bool], Client]


@pytest.fixture
def service(conn: Connection) -> Service:
    """Give the auth service with mail, or without."""

    def give(with_mail: bool) -> Client:
        pool = OneTransaction(conn, "keyarc_auth")
        post = mail.Post(mail_relay.NOWHERE if with_mail else None)
        origins = browsers.Origins(ORIGIN)
        return Client(auth_routes.create_app(pool, (JWT_SECRET,), origins, post))

    return give


def ask(auth: Client, route: Route, email: str) -> Result:
    answer = auth.post(route.path, json=dict(route.body(email)))
    assert answer.status_code == route.status
    return answer


def unknown() -> str:
    return f"{uuid4().hex}@example.com"


def told(answer: Result) -> tuple[int, Mapping[str, str], Mapping[str, Any], int]:
    """Return everything of an answer but what is random in every answer, and the length of that."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    members = {name: value for name, value in answer.json.items() if name not in RANDOM}
    return answer.status_code, headers, members, len(answer.content)


def test_every_route_that_takes_an_address_is_looked_at() -> None:
    taking = {
        route.path
        for route in openapi.routes(openapi.apps()["auth"])
        if route.public
        and "email" in getattr(getattr(route.operation, "request", None), "fields", {})
    }

    assert taking == {route.path for _, route in ROUTES}


@ALL
def test_an_address_with_account_is_answered_like_any_other(
    auth: Client, service: Service, with_mail: bool, route: Route
) -> None:
    """S06: byte by byte, but for what is random in every answer."""
    known = factories.signed_up(auth).email

    answers = [ask(service(with_mail), route, email) for email in (known, unknown())]

    assert told(answers[0]) == told(answers[1])
    assert answers[0].json.keys() == answers[1].json.keys()


@contextmanager
def statements(conn: Connection) -> Iterator[list[str]]:
    """Note every statement of the services."""
    noted: list[str] = []

    class Noting(psycopg.Cursor[Any]):
        """A cursor that tells what it executes."""

        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            noted.append(query if isinstance(query, str) else query.as_string(self))
            return super().execute(query, *args, **kwargs)

    before, conn.cursor_factory = conn.cursor_factory, Noting
    yield noted
    conn.cursor_factory = before


@ALL
def test_the_database_is_asked_the_same_whether_there_is_an_account_or_not(
    auth: Client, service: Service, conn: Connection, with_mail: bool, route: Route
) -> None:
    """S06: the same statements, in the same order."""
    known = factories.signed_up(auth).email
    asked = []
    for email in (known, unknown()):
        with statements(conn) as noted:
            ask(service(with_mail), route, email)
        asked.append(noted)

    assert asked[0] == asked[1]
    assert any("INSERT" in each or "SELECT" in each for each in asked[0])


def timed_us(work: Callable[[], object]) -> float:
    """Return how many microseconds something takes."""
    began = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - began) / 1000


@ALL
def test_the_time_of_an_answer_does_not_tell_coarsely(
    auth: Client, service: Service, conn: Connection, with_mail: bool, route: Route
) -> None:
    """S06: a third more is found, among the answers that a busy machine delayed least."""
    known, strange = factories.signed_up(auth).email, unknown()
    asked = service(with_mail)

    def timed(email: str) -> Callable[[int], float]:
        return lambda _: timed_us(lambda: ask(asked, route, email))

    def clear() -> None:
        conn.execute("DELETE FROM limits")

    differences = []
    for _ in range(TRIES):
        taken = samples.take([timed(known), timed(strange)], TURNS, clear)
        of_known, of_strange = (sorted(each)[TURNS // 5] for each in taken)
        differences.append(abs(of_known - of_strange) / min(of_known, of_strange))

    assert min(differences) < GROSS
