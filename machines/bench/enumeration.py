"""Whether time tells which addresses have an account: of every route that takes an address.

Three classes are asked in turn: known, unknown, and unknown once more, which is the yardstick: it
shows what the same test makes of no difference at all. One caller asks the auth service itself,
over one connection, and with a database that does not wait for its disk: nobody outside hears so
well.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, quantiles
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from machines.bench import mail_sink, samples
from machines.bench.devices import made
from machines.bench.figures import Figure
from machines.bench.samples import Asker, Body
from machines.failures import Failure
from machines.stack import Stack
from shared.keyarc.encoding import b64

TURNS = 10_000
ADDRESSES = 50
PUBLIC_KEY_BYTES = 1216
KNOWN_UNKNOWN, UNKNOWN_UNKNOWN = "known against unknown", "unknown against unknown"


@dataclass(frozen=True)
class Route:
    """A route that takes an address, and what it answers to everybody."""

    name: str
    path: str
    status: int
    body: Callable[[str], Body]


def routes(registration: Body, *, mail: bool) -> Sequence[Route]:
    """Return those that say the same to all; without mail a sign-up says more by its status."""
    recovery = Route(
        f"recovery {'with' if mail else 'without'} mail",
        "/auth/recovery",
        202 if mail else 401,
        lambda email: {
            "email": email,
            "recovery_auth": b64(os.urandom(32)),
            "device": "a machine",
        },
    )
    if mail:
        sign_up = Route(
            "sign-up with mail",
            "/auth/accounts",
            202,
            lambda email: {**registration, "email": email},
        )
        return sign_up, recovery
    return (
        Route("prelogin", "/auth/prelogin", 200, lambda email: {"email": email}),
        Route(
            "log-in",
            "/auth/sessions",
            401,
            lambda email: {"email": email, "auth": b64(os.urandom(32)), "device": "a machine"},
        ),
        recovery,
        Route(
            "new device",
            "/auth/device-requests",
            201,
            lambda email: {
                "email": email,
                "public_key": b64(os.urandom(PUBLIC_KEY_BYTES)),
                "device": "a machine",
            },
        ),
    )


def measure() -> Iterator[Figure]:
    """Yield for each route how well the classes are told apart, and by how much they differ."""
    with tempfile.TemporaryDirectory() as folder, mail_sink.listening() as smtp_url:
        data = Path(folder) / "data"
        people = [made(uuid4()) for _ in range(ADDRESSES)]
        for settings in ({}, {"SMTP_URL": smtp_url, "MAIL_FROM": "keyarc@example.com"}):
            with Stack(data, durable=False, settings=settings) as stack:
                if not settings:
                    sign_up(stack, [registration for _, registration, _ in people])
                known = [str(registration["email"]) for _, registration, _ in people]
                _, stranger, _ = made(uuid4())
                for route in routes(stranger, mail=bool(settings)):
                    yield from _figures(route, sampled(stack, route, known, TURNS))


def sign_up(stack: Stack, registrations: Sequence[Mapping[str, object]]) -> None:
    """Let accounts be there."""
    with _asker(stack) as asker:
        for registration in registrations:
            if (status := asker.post("/auth/accounts", registration)[0]) != 201:
                raise Failure(f"A sign-up was answered with {status}, not 201.")


def sampled(
    stack: Stack, route: Route, known: Sequence[str], turns: int
) -> tuple[list[float], list[float], list[float]]:
    """Return the microseconds of each answer: of known, unknown, and other unknown addresses."""
    unknown, others = ([f"{uuid4().hex}@example.com" for _ in known] for _ in range(2))
    with _asker(stack) as asker, psycopg.connect(stack.database_url, autocommit=True) as conn:

        def asking(emails: Sequence[str]) -> Callable[[int], float]:
            def ask(number: int) -> float:
                body = route.body(emails[number % len(emails)])
                status, us = asker.post(route.path, body)
                if status != route.status:
                    raise Failure(f"{route.path} was answered with {status}, not {route.status}.")
                return us

            return ask

        def clear() -> None:
            conn.execute("DELETE FROM limits")

        of_known, of_unknown, of_others = samples.take(
            [asking(emails) for emails in (known, unknown, others)], turns, clear
        )
    return of_known, of_unknown, of_others


def _asker(stack: Stack) -> Asker:
    port = urlsplit(stack.service_urls["auth"]).port or 0
    return Asker(port, urlsplit(stack.url).netloc)


def _figures(
    route: Route, taken: tuple[Sequence[float], Sequence[float], Sequence[float]]
) -> Iterator[Figure]:
    known, unknown, others = taken
    yield Figure(
        "enumeration",
        f"{route.name}, {KNOWN_UNKNOWN}, {len(known):,} pairs",
        samples.worst_t(known, unknown),
        "|t|",
        UNKNOWN_UNKNOWN,
        samples.worst_t(unknown, others),
        most=samples.TELLING_T,
    )
    yield Figure(
        "enumeration",
        f"{route.name}, difference of the means",
        abs(_mean(known) - _mean(unknown)),
        "µs",
        UNKNOWN_UNKNOWN,
        abs(_mean(unknown) - _mean(others)),
    )
    yield Figure("enumeration", f"{route.name}, median", median([*known, *unknown]), "µs")


def _mean(taken: Sequence[float]) -> float:
    """Return the mean of what is not slower than 95 % of the others."""
    bound = quantiles(taken, n=20)[-1]
    return fmean(x for x in taken if x <= bound)
