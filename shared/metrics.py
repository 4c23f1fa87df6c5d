"""What a service counts, for Prometheus, on a port that only the private network reaches.

A label is a route's template, a method, a status or a problem's slug: never what a request brought.
Counting is a few additions. What writes the numbers down is loaded by the first scrape.
"""

import os
import select
import socket
import threading
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared import settings

if TYPE_CHECKING:
    from falcon import App, Request, Response  # loaded later than this module

BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0)
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

Labels = tuple[str, ...]


@dataclass(frozen=True)
class Listener:
    """Where to listen, and how long the server took until it knew."""

    host: str
    port: int
    boot_seconds: float


@dataclass(frozen=True)
class Reading:
    """A number that is looked up when it is asked for; a *total* only rises."""

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    total: bool = False


Source = Callable[[], Iterable[Reading]]


@dataclass
class Durations:
    """How many took how long: by labels, a count for each bucket and one above all, and the sum."""

    counts: dict[Labels, list[int]] = field(default_factory=dict)
    seconds: defaultdict[Labels, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, labels: Labels, seconds: float) -> None:
        """Count one."""
        counts = self.counts.setdefault(labels, [0] * (len(BUCKETS_SECONDS) + 1))
        counts[bisect_left(BUCKETS_SECONDS, seconds)] += 1
        self.seconds[labels] += seconds


class Metrics:
    """The numbers of one process; as falcon's middleware, it counts the requests."""

    def __init__(self, service: str, start_seconds: float, sources: Iterable[Source]) -> None:
        self.service = service
        self.start_seconds = start_seconds
        self.sources = tuple(sources)
        self.lock = threading.Lock()
        self.requests, self.upstreams = Durations(), Durations()
        self.problems: Counter[str] = Counter()
        self.in_flight = 0

    def process_request(self, req: "Request", _resp: "Response") -> None:
        req.context.in_flight = True
        with self.lock:
            self.in_flight += 1

    def process_response(
        self, req: "Request", resp: "Response", _resource: object, _req_succeeded: bool
    ) -> None:
        route = req.uri_template or "none"
        took = time.perf_counter() - req.context.started
        upstream = getattr(req.context, "upstream_seconds", None)
        problem = getattr(req.context, "problem", None)
        with self.lock:
            self.requests.add((route, method(req), str(resp.status_code)), took)
            if upstream is not None:
                self.upstreams.add((route,), upstream)
            if problem is not None:
                self.problems[problem] += 1
            if getattr(req.context, "in_flight", False):  # else refused before it was counted
                self.in_flight -= 1


def method(req: "Request") -> str:
    """Return the method, unless it is a word of the client's own."""
    return req.method if req.method in METHODS else "other"


def listener(environ: Mapping[str, str]) -> Listener | None:
    """Return where to listen: the port METRICS_PORT of gunicorn's host; without it, nowhere."""
    if not environ.get("METRICS_PORT"):
        return None
    port = settings.setting(environ, "METRICS_PORT", int)
    return Listener(environ.get("BIND_HOST", "::"), port, _age_seconds())


def rarely(source: Source, seconds: float) -> Source:
    """Return *source* with a memory: it is asked once in *seconds*, however often they scrape."""
    asked_at, told = -seconds, tuple[Reading, ...]()

    def remembered() -> Iterable[Reading]:
        nonlocal asked_at, told
        if time.monotonic() - asked_at >= seconds:
            asked_at, told = time.monotonic(), tuple(source())
        return told

    return remembered


def publish(app: "App[Any, Any]", service: str, where: Listener | None, *sources: Source) -> None:
    """Count what *app* does from now on; tell it, and what *sources* know, to who asks *where*."""
    if where is None:
        return
    metrics = Metrics(service, where.boot_seconds + _age_seconds(), sources)
    app.add_middleware(metrics)
    listening = socket.create_server(
        (where.host, where.port),
        family=socket.AF_INET6 if ":" in where.host else socket.AF_INET,
        dualstack_ipv6=where.host == "::",
    )
    threading.Thread(target=_serve, args=(listening, metrics), daemon=True).start()


def _serve(listening: socket.socket, metrics: Metrics) -> None:
    select.select([listening], [], [])
    from shared import scrapes  # noqa: PLC0415 - see the module's docstring

    scrapes.serve(listening, metrics)


def _age_seconds() -> float:
    """Return how long ago this process began, as Linux counts it."""
    began = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(began) / os.sysconf("SC_CLK_TCK")
