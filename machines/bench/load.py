"""How much one, two and three processes of each service carry, through PgBouncer to a durable disk.

Four fifths of the requests read and one fifth commits; several devices of several people ask the
gateway at once, each as soon as it is answered. Devices, services, pooler and database share this
machine's cores: when these are busy, more processes cannot bring more.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from machines import debian
from machines.bench import processors
from machines.bench.devices import COMMIT, READ, Device, Person, Place, Tally, signed_up
from machines.bench.figures import Figure
from machines.bench.servers import BARE, Server
from machines.failures import Failure
from machines.stack import Stack

PROCESSES = (1, 2, 3)
PEOPLE, DEVICES_EACH, VAULTS_EACH = 4, 2, 4
WARM_SECONDS, SECONDS, BARE_SECONDS = 1.0, 7.0, 2.0
BARE_GUNICORN, ONE = "bare gunicorn", "1 process"


@dataclass(frozen=True)
class Carried:
    """What was answered in a second, how long it took, and what it took of the processors."""

    per_second: float
    ms: Mapping[str, Sequence[float]]
    conflicts: int
    errors: int
    cores: float = 0
    used_ms: Mapping[str, float] = field(default_factory=dict)


def measure() -> Iterator[Figure]:
    """Yield the figures of each number of processes."""
    # A browser that is driven from this thread keeps a loop running in it.
    with ThreadPoolExecutor(1) as alone, Server(BARE) as server:
        place = Place(server.port, "localhost")
        bare = alone.submit(asyncio.run, _bare(place)).result()
        with tempfile.TemporaryDirectory() as folder:
            found = dict(_each(Path(folder) / "data", alone))
    yield Figure("load", f"{BARE_GUNICORN}, requests", bare.per_second, "/s")
    for number, carried in found.items():
        yield from _figures(number, carried, found[1] if number > 1 else bare)


def _each(data: Path, alone: ThreadPoolExecutor) -> Iterator[tuple[int, Carried]]:
    people: list[Person] = []
    pooled = _has_pooler()
    for number in PROCESSES:
        with Stack(data, processes=number, pooled=pooled) as stack:
            host = urlsplit(stack.url).netloc
            ports = {name: urlsplit(url).port or 0 for name, url in stack.service_urls.items()}
            gateway, auth = Place(ports["gateway"], host), Place(ports["auth"], host)
            if not people:
                people += alone.submit(asyncio.run, _everybody(auth, gateway)).result()
            yield number, alone.submit(asyncio.run, _load(people, gateway)).result()


def _has_pooler() -> bool:
    try:
        debian.ensure("pgbouncer", ("pgbouncer",))
    except Failure as ex:
        sys.stderr.write(f"Without PgBouncer: {ex}\n")
        return False
    return True


async def _everybody(auth: Place, gateway: Place) -> list[Person]:
    return [await signed_up(auth, gateway, VAULTS_EACH) for _ in range(PEOPLE)]


async def _load(people: Sequence[Person], gateway: Place) -> Carried:
    devices = [Device(person, gateway, seed) for person in people for seed in range(DEVICES_EACH)]
    until = time.perf_counter() + WARM_SECONDS
    await asyncio.gather(*(device.work(until) for device in devices))
    for device in devices:
        device.tally = Tally()
    began, busy, used = time.perf_counter(), processors.busy_s(), processors.used_s()
    await asyncio.gather(*(device.work(began + SECONDS) for device in devices))
    passed = time.perf_counter() - began
    ms = {kind: [x for device in devices for x in device.tally.ms[kind]] for kind in (READ, COMMIT)}
    count = sum(map(len, ms.values()))
    return Carried(
        count / passed,
        ms,
        sum(device.tally.conflicts for device in devices),
        sum(device.tally.errors for device in devices),
        (processors.busy_s() - busy) / passed,
        {
            part: (seconds - used[part]) / count * 1000
            for part, seconds in processors.used_s().items()
        },
    )


async def _bare(place: Place) -> Carried:
    """Ask what does nothing, in the same way."""
    taken: list[float] = []

    async def work(until: float) -> None:
        while time.perf_counter() < until:
            taken.append((await place.ask("GET", "/")).ms)

    began = time.perf_counter()
    await asyncio.gather(*(work(began + BARE_SECONDS) for _ in range(PEOPLE * DEVICES_EACH)))
    passed = time.perf_counter() - began
    return Carried(len(taken) / passed, {READ: taken, COMMIT: taken}, 0, 0)


def _figures(number: int, carried: Carried, against: Carried) -> Iterator[Figure]:
    yardstick = BARE_GUNICORN if number == 1 else ONE
    figure = partial(Figure, "load")
    who = ONE if number == 1 else f"{number} processes"
    yield figure(f"{who}, requests", carried.per_second, "/s", yardstick, against.per_second)
    for kind, taken in carried.ms.items():
        held = against.ms[kind]
        yield figure(
            f"{who}, {kind}, median",
            statistics.median(taken),
            "ms",
            yardstick,
            statistics.median(held),
        )
        yield figure(f"{who}, {kind}, 99th percentile", _late(taken), "ms", yardstick, _late(held))
    share = 100 * carried.conflicts / max(len(carried.ms[COMMIT]), 1)
    yield figure(f"{who}, commits that came second", share, "%")
    yield figure(f"{who}, errors", carried.errors, "", most=0)
    yield figure(f"{who}, busy cores", carried.cores, "", "this machine's", os.cpu_count())
    for part, used_ms in carried.used_ms.items():
        then = against.used_ms.get(part)
        yield figure(f"{who}, processor time of a request, {part}", used_ms, "ms", ONE, then)


def _late(taken: Sequence[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]
