"""Answers Prometheus with what `shared.metrics` counted; loaded by the first scrape."""

import itertools
import socket
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from operator import attrgetter

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector, CollectorRegistry

from shared import problems
from shared.metrics import BUCKETS_SECONDS, Durations, Metrics, Reading

LABELS = ["service", "route", "method", "status"]


class Written(Collector):
    """The numbers of *metrics* in the terms of Prometheus."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield every family, all of one instant."""
        with self._metrics.lock:
            counted = [*self._requests(), *self._problems()]
        yield from counted
        readings = [*self._own(), *(one for source in self._metrics.sources for one in source())]
        for name, alike in itertools.groupby(readings, attrgetter("name")):
            yield self._read(name, list(alike))

    def _own(self) -> Iterator[Reading]:
        metrics = self._metrics
        meaning = "From the start of the process until it could answer everything."
        yield Reading("keyarc_start_seconds", meaning, metrics.start_seconds)
        yield Reading("keyarc_requests_in_flight", "Requests being answered.", metrics.in_flight)

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

    def _problems(self) -> Iterator[Metric]:
        total = CounterMetricFamily(
            "keyarc_problems", "Answers that were a problem.", labels=["service", "problem"]
        )
        # Each of them from the start: what was never 0 has never increased.
        for problem in problems.CATALOGUE:
            counted = self._metrics.problems[problem.slug]
            total.add_metric([self._metrics.service, problem.slug], counted)
        yield total

    def _read(self, name: str, readings: Sequence[Reading]) -> Metric:
        kind = CounterMetricFamily if readings[0].total else GaugeMetricFamily
        family = kind(name, readings[0].meaning, labels=["service", *readings[0].labels])
        for reading in readings:
            family.add_metric([self._metrics.service, *reading.labels.values()], reading.value)
        return family

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

        timeout = 2  # there is one thread: nobody may hold it up

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
