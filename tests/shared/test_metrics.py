"""Counting: what it costs a start, and what is asked how often. The rest is in tests/watching."""

import subprocess
import sys

import pytest

from machines.sockets import free_port
from shared import metrics, scrapes
from shared.metrics import Durations, Metrics, Reading
from tests.databases import ROOT

PROGRAM = """
import sys, urllib.request
from falcon import App
from shared import metrics

app = App()
metrics.publish(app, "keys", metrics.Listener("127.0.0.1", {port}, 0.0))
print("prometheus_client" in sys.modules)
urllib.request.urlopen("http://127.0.0.1:{port}/metrics").read()
print("prometheus_client" in sys.modules)
"""


def test_a_start_does_not_wait_for_what_only_a_scrape_needs() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(port=free_port())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert ran.stdout.split() == ["False", "True"]


def test_without_a_port_nothing_listens_and_nothing_is_counted() -> None:
    assert metrics.listener({}) is None
    assert metrics.listener({"METRICS_PORT": ""}) is None


def test_the_port_is_opened_where_the_service_is_served() -> None:
    found = metrics.listener({"METRICS_PORT": "9091"})
    local = metrics.listener({"METRICS_PORT": "9091", "BIND_HOST": "127.0.0.1"})

    assert found
    assert local
    assert (found.host, found.port) == ("::", 9091)
    assert local.host == "127.0.0.1"
    assert found.boot_seconds > 0


@pytest.mark.parametrize(
    ("seconds", "bucket"), [(0.0, 0), (0.005, 0), (0.006, 1), (1.0, 7), (24.9, 11), (26.0, 12)]
)
def test_a_duration_is_counted_in_the_first_bucket_that_holds_it(
    seconds: float, bucket: int
) -> None:
    durations = Durations()

    durations.add(("route",), seconds)

    counts = durations.counts["route",]
    assert len(counts) == len(metrics.BUCKETS_SECONDS) + 1
    assert [place for place, count in enumerate(counts) if count] == [bucket]
    assert durations.seconds["route",] == seconds


def test_what_is_asked_rarely_is_remembered_in_between() -> None:
    asked: list[int] = []

    def ask() -> list[Reading]:
        asked.append(len(asked))
        return [Reading("name", "meaning", len(asked))]

    seldom, always = metrics.rarely(ask, 3600), metrics.rarely(ask, 0)

    assert [reading.value for _ in range(3) for reading in seldom()] == [1, 1, 1]
    assert [reading.value for _ in range(2) for reading in always()] == [2, 3]


def test_no_request_waits_while_a_scrape_is_written_down() -> None:
    counted = Metrics("keys", 0.0, [])

    families = scrapes.Written(counted).collect()
    next(families)

    assert not counted.lock.locked()
