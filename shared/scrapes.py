"""Answers Prometheus with what `shared.metrics` counted; loaded by the first scrape."""

import itertools
import socket
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector, CollectorRegistry

from shared import problems
from shared.metrics import BUCKETS_SECONDS, Durations, Metrics

# What the pool says of itself, under the names of psycopg_pool, and what it is called here.
GAUGES = {
    "pool_size": ("keyarc_database_connections", "Connections to the database."),
    "pool_available": ("keyarc_database_connections_idle", "Those that nobody uses."),
    "pool_max": ("keyarc_database_connections_max", "The most that there may be."),
    "requests_waiting": ("keyarc_database_waiting", "Requests that wait for a connection."),
}
COUNTERS = {
    "requests_num": ("keyarc_database_borrowed", "Connections that were asked for."),
    "requests_errors": ("keyarc_database_refused", "Of those, the ones that nobody got."),
    "connections_num": ("keyarc_database_connects", "Attempts to connect."),
    "connections_errors": ("keyarc_database_connect_errors", "Attempts that failed."),
}
LABELS = ["service", "route", "method", "status"]


class Written(Collector):
    """The numbers of *metrics* in the terms of Prometheus."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield every family, all of one instant."""
        with self._metrics.lock:
            yield from [*self._starts(), *self._requests(), *self._problems()]
        if self._metrics.database:
            yield from self._database(self._metrics.database())

    def _starts(self) -> Iterator[Metric]:
        yield self._gauge(
            "keyarc_start_seconds",
            "From the start of the process until it could answer everything.",
            self._metrics.start_seconds,
        )

    def _requests(self) -> Iterator[Metric]:
        service, requests = self._metrics.service, self._metrics.requests
        total = CounterMetricFamily("keyarc_requests", "Answers.", labels=LABELS)
        for labels, counts in requests.counts.items():
            total.add_metric([service, *labels], sum(counts))
        yield total
        yield self._histogram("keyarc_request_seconds", "Time to the answer.", LABELS, requests)
        yield self._histogram(
            "keyarc_upstream_seconds",
            "Time to the answer of the service behind, its waking included.",
            LABELS[:2],
            self._metrics.upstreams,
        )
        yield self._gauge(
            "keyarc_requests_in_flight", "Requests being answered.", self._metrics.in_flight
        )

    def _problems(self) -> Iterator[Metric]:
        total = CounterMetricFamily(
            "keyarc_problems", "Answers that were a problem.", labels=["service", "problem"]
        )
        # Each of them from the start: what was never 0 has never increased.
        for problem in problems.CATALOGUE:
            counted = self._metrics.problems[problem.slug]
            total.add_metric([self._metrics.service, problem.slug], counted)
        yield total

    def _database(self, told: Mapping[str, int]) -> Iterator[Metric]:
        for key, (name, meaning) in GAUGES.items():
            yield self._gauge(name, meaning, told.get(key, 0))
        counters = {each: (*COUNTERS[each], told.get(each, 0.0)) for each in COUNTERS}
        counters["requests_wait_ms"] = (
            "keyarc_database_wait_seconds",
            "Time that requests waited for a connection.",
            told.get("requests_wait_ms", 0) / 1000,
        )
        for name, meaning, value in counters.values():
            total = CounterMetricFamily(name, meaning, labels=["service"])
            total.add_metric([self._metrics.service], value)
            yield total

    def _gauge(self, name: str, meaning: str, value: float) -> Metric:
        gauge = GaugeMetricFamily(name, meaning, labels=["service"])
        gauge.add_metric([self._metrics.service], value)
        return gauge

    def _histogram(
        self, name: str, meaning: str, labels: list[str], durations: Durations
    ) -> Metric:
        histogram = HistogramMetricFamily(name, meaning, labels=labels)
        bounds = [*map(str, BUCKETS_SECONDS), "+Inf"]
        for values, counts in durations.counts.items():
            histogram.add_metric(
                [self._metrics.service, *values],
                buckets=list(zip(bounds, itertools.accumulate(counts), strict=True)),
                sum_value=durations.seconds[values],
            )
        return histogram


def serve(listening: socket.socket, metrics: Metrics) -> None:
    """Answer ``GET /metrics`` for as long as the process lives."""
    registry = CollectorRegistry()
    registry.register(Written(metrics))
    ProcessCollector(registry=registry)

    class Handler(BaseHTTPRequestHandler):
        """One scrape."""

        timeout = 5  # there is one thread: nobody may hold it up

        def do_GET(self) -> None:
            found = self.path == "/metrics"
            body = generate_latest(registry) if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", CONTENT_TYPE_PLAIN_0_0_4)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing: a scrape is no news."""

    server = HTTPServer(("", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.serve_forever()
