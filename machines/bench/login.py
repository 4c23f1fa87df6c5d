"""Logins: how many a second, and the memory of auth while 50 people log in at once.

The password is stretched by the client; what is measured is the server's part. The yardstick is a
gunicorn, set up alike, that answers one line and knows nothing.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from machines.bench.devices import Place, made
from machines.bench.figures import Figure
from machines.bench.servers import BARE, Server
from machines.failures import Failure
from machines.stack import SERVICES, Stack

PARALLEL = 50
WARM_SECONDS, SECONDS = 2.0, 10.0
LOOK_SECONDS = 0.1
MEMORY_MB = 256  # of the smallest machine
BARE_GUNICORN = "bare gunicorn"
AUTH = SERVICES["auth"].app

Ask = Callable[[int], Coroutine[Any, Any, float]]


@dataclass(frozen=True)
class Load:
    """How many a second, how long each took, and the memory before and at the most."""

    per_second: float
    ms: Sequence[float]
    before_mb: float
    most_mb: float


def measure() -> Iterator[Figure]:
    """Yield rate, delays and memory."""
    # A browser that is driven from this thread keeps a loop running in it.
    with ThreadPoolExecutor(1) as alone:
        with Server(BARE) as server:
            place = Place(server.port, "localhost")
            bare = alone.submit(asyncio.run, _load(_asking(place), BARE)).result()
        with tempfile.TemporaryDirectory() as folder, Stack(Path(folder) / "data") as stack:
            port = urlsplit(stack.service_urls["auth"]).port or 0
            place = Place(port, urlsplit(stack.url).netloc)
            people = [made(uuid4()) for _ in range(PARALLEL)]
            logins = [login for _, _, login in people]
            for _, registration, _ in people:
                alone.submit(asyncio.run, _sign_up(place, registration)).result()
            ask = _logging_in(place, logins)
            auth = alone.submit(asyncio.run, _load(ask, AUTH)).result()
    yield from _figures(auth, bare)


async def _sign_up(place: Place, registration: Mapping[str, object]) -> None:
    if (answer := await place.ask("POST", "/auth/accounts", registration)).status != 201:
        raise Failure(f"A sign-up was answered with {answer.status}, not 201.")


def _logging_in(place: Place, logins: Sequence[Mapping[str, object]]) -> Ask:
    async def log_in(who: int) -> float:
        answer = await place.ask("POST", "/auth/sessions", logins[who])
        if answer.status != 201:
            raise Failure(f"A login was answered with {answer.status}, not 201.")
        return answer.ms

    return log_in


def _asking(place: Place) -> Ask:
    async def ask(_who: int) -> float:
        return (await place.ask("GET", "/")).ms

    return ask


async def _load(ask: Ask, app: str) -> Load:
    """Let everybody ask again as soon as they are answered; look at the memory meanwhile."""
    taken: list[float] = []
    looked: list[float] = []

    async def work(who: int, until: float, into: list[float]) -> None:
        while time.perf_counter() < until:
            into.append(await ask(who))

    async def look(until: float) -> None:
        while time.perf_counter() < until:
            looked.append(_memory_mb(app))
            await asyncio.sleep(LOOK_SECONDS)

    await ask(0)  # loaded by now
    before = _memory_mb(app)
    warm = time.perf_counter() + WARM_SECONDS
    await asyncio.gather(*(work(who, warm, []) for who in range(PARALLEL)))
    began = time.perf_counter()
    until = began + SECONDS
    await asyncio.gather(look(until), *(work(who, until, taken) for who in range(PARALLEL)))
    return Load(len(taken) / (time.perf_counter() - began), sorted(taken), before, max(looked))


def _memory_mb(app: str) -> float:
    """Return the memory of the server of *app* and its worker, what they share counted once."""
    ours = psutil.Process().children(recursive=True)
    serving = [each for each in ours if app in each.cmdline()]
    return float(sum(each.memory_full_info().pss for each in serving)) / 1e6


def _figures(auth: Load, bare: Load) -> Iterator[Figure]:
    who = f"{PARALLEL} at once"
    yield Figure("login", f"{who}, logins", auth.per_second, "/s", BARE_GUNICORN, bare.per_second)
    for name, share in (("median", 0.5), ("99th percentile", 0.99)):
        value, held = (each.ms[int(len(each.ms) * share)] for each in (auth, bare))
        yield Figure("login", f"{who}, {name}", value, "ms", BARE_GUNICORN, held)
    yield Figure(
        "login", "memory of auth at rest", auth.before_mb, "MB", BARE_GUNICORN, bare.before_mb
    )
    yield Figure(
        "login",
        f"memory of auth, {who}",
        auth.most_mb,
        "MB",
        BARE_GUNICORN,
        bare.most_mb,
        most=MEMORY_MB,
    )
