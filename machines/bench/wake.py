"""How long the first visitor of a sleeping KeyArc waits, behind proxies that do as Fly's.

``<service> stop|suspend``: that service sleeps, and its ``/health`` is asked for through its proxy.

``chain stop|suspend cold|warm``: everything sleeps; then the page and its files, a login, the
list of vaults and the list of secrets, by the Python client (its Argon2id included). ``warm``
sends the page's two warm calls with the page, ``cold`` sends none. Nobody types: the login follows
the page at once. In ``…, 3 s of typing`` it follows three seconds later, and those are not counted.

The yardstick is the same with everything awake. Not in here: Fly's boot of the virtual machine,
which comes before the first line of Python, the network, and nginx in the place of the edge.
"""

import http.client
import re
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from machines import environment
from machines.bench import accounts
from machines.bench.accounts import Account
from machines.bench.figures import Figure
from machines.failures import Failure
from machines.sleepy.rules import By
from machines.sleepy.stack import APP_OF, Sleepy
from machines.stack import SERVICES

ROUNDS = 3
SECRETS = 20
TYPING_S = 3.0
MOST_MS = 2_000
NEVER_S = 3_600.0
WARM_CALLS = ("/auth/health", "/api/warm")
FILES = re.compile(r'(?:src|href)="(/assets/[^"]+)"')
AWAKE = "awake"

Warmth = Literal["cold", "warm"]
WAYS: tuple[By, ...] = ("stop", "suspend")
CHAINS: tuple[tuple[By, Warmth], ...] = (
    ("stop", "cold"),
    ("suspend", "cold"),
    ("suspend", "warm"),
    ("stop", "warm"),
)


def measure() -> Iterator[Figure]:
    """Yield the figures of each service alone, then those of the whole chain."""
    environment.ensure_page()
    taken: dict[str, list[float]] = defaultdict(list)
    with (
        tempfile.TemporaryDirectory() as folder,
        Sleepy(Path(folder) / "data", idle_s=NEVER_S, durable=False) as sleepy,
    ):
        account = accounts.made_at(sleepy.url, Path(folder) / "home", (SECRETS,))
        for _ in range(ROUNDS):
            for subject, took_ms in _round(sleepy, account):
                taken[subject].append(took_ms)
    medians = {subject: statistics.median(values) for subject, values in taken.items()}
    for subject, value in medians.items():
        who, _, how = subject.partition(" ")
        yardstick = f"{who} {AWAKE}"
        if how != AWAKE:
            most = MOST_MS if who == "chain" else None
            yield Figure("wake", subject, value, "ms", yardstick, medians[yardstick], most=most)


def _round(sleepy: Sleepy, account: Account) -> Iterator[tuple[str, float]]:
    for name, service in SERVICES.items():
        path = "/" if name == "edge" else service.health
        who = APP_OF.get(name, name)
        for by in WAYS:
            _get(sleepy.service_urls[name], path)  # who sleeps already cannot fall asleep
            sleepy.fleet.sleep(name, by=by)
            yield f"{who} {by}", _get(sleepy.service_urls[name], path)
        yield f"{who} {AWAKE}", _get(sleepy.service_urls[name], path)
    _visit(account, "cold")
    yield f"chain {AWAKE}", _visit(account, "cold")
    # A gateway warms once in ten seconds of its life: each warm visit finds one that has not yet.
    for by, warmth in CHAINS:
        yield f"chain {by} {warmth}", _first_visit(sleepy, account, by, warmth)
    typed_ms = _first_visit(sleepy, account, "stop", "warm", typing_s=TYPING_S)
    yield f"chain stop warm, {TYPING_S:g} s of typing", typed_ms


def _first_visit(
    sleepy: Sleepy, account: Account, by: By, warmth: Warmth, *, typing_s: float = 0
) -> float:
    """Measure a visit of what is all asleep; the visit before it has woken everything."""
    sleepy.fleet.sleep(by=by)
    asleep = "stopped" if by == "stop" else "suspended"
    if others := [name for name in SERVICES if sleepy.fleet.state(name) != asleep]:
        raise Failure(f"{others[0]} is {sleepy.fleet.state(others[0])}, not {asleep}.")
    return _visit(account, warmth, typing_s=typing_s)


def _visit(account: Account, warmth: Warmth, *, typing_s: float = 0) -> float:
    """Return the milliseconds from the first request to the list of secrets, without typing."""
    began = time.perf_counter()
    page = _read(account.url, "/").decode()
    files = FILES.findall(page)
    calls = WARM_CALLS if warmth == "warm" else ()
    background = [
        threading.Thread(target=_read, args=(account.url, path)) for path in (*calls, *files)
    ]
    for thread in background:
        thread.start()
    time.sleep(typing_s)
    client = account.log_in()
    try:
        vault = client.vault(str(SECRETS))
        found = len(client.sync(vault.id).secrets)
    finally:
        client.close()
    took_ms = (time.perf_counter() - began - typing_s) * 1000
    for thread in background:
        thread.join()
    if found != SECRETS:
        raise Failure(f"The list has {found} secrets, not {SECRETS}.")
    return took_ms


def _get(url: str, path: str) -> float:
    began = time.perf_counter()
    _read(url, path)
    return (time.perf_counter() - began) * 1000


def _read(url: str, path: str) -> bytes:
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        content = response.read()
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise Failure(f"GET {path} was answered with {response.status}.")
    return content
