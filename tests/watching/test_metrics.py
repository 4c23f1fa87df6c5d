"""What Prometheus is told of the running services, and that it is told nothing else."""

import http.client
import socket
import time
import urllib.request
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from shared import problems
from tests.watching.watched import COUNTING, Watched

PRELOGIN = "/auth/prelogin"


def prelogin(stack: Watched) -> None:
    body = b'{"email": "' + uuid4().hex.encode() + b'@example.com"}'
    assert stack.ask("POST", PRELOGIN, body).status == 200


def test_an_answer_is_counted_by_service_route_method_and_status(watched: Watched) -> None:
    labels = {"service": "auth", "route": PRELOGIN, "method": "POST", "status": "200"}
    before = watched.value("auth", "keyarc_requests_total", **labels)

    prelogin(watched)

    assert watched.value("auth", "keyarc_requests_total", **labels) == before + 1
    assert watched.value("auth", "keyarc_request_seconds_count", **labels) == before + 1
    assert watched.value("auth", "keyarc_request_seconds_bucket", le="+Inf", **labels) > before
    assert watched.value("auth", "keyarc_request_seconds_sum", **labels) > 0
    assert watched.value("auth", "keyarc_requests_in_flight") == 0


@pytest.mark.parametrize("service", COUNTING)
def test_every_problem_is_known_from_the_start(watched: Watched, service: str) -> None:
    told = {
        sample.labels["problem"]
        for sample in watched.samples(service)
        if sample.name == "keyarc_problems_total"
    }

    assert told == {problem.slug for problem in problems.CATALOGUE}


def test_a_problem_is_counted_by_its_slug(watched: Watched) -> None:
    before = watched.value("auth", "keyarc_problems_total", problem="malformed")

    assert watched.ask("POST", PRELOGIN, b"{").status == 400

    assert watched.value("auth", "keyarc_problems_total", problem="malformed") == before + 1


def test_a_request_for_another_host_is_counted_and_not_in_flight_for_ever(
    watched: Watched,
) -> None:
    port = urlsplit(watched.service_urls["auth"]).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/auth/openapi.json", headers={"Host": "elsewhere.example"})
    assert connection.getresponse().status == 400
    connection.close()

    assert watched.value("auth", "keyarc_requests_in_flight") == 0


def test_the_pool_tells_of_its_connections(watched: Watched) -> None:
    borrowed = watched.value("auth", "keyarc_database_borrowed_total")

    prelogin(watched)

    assert watched.value("auth", "keyarc_database_borrowed_total") == borrowed + 1
    assert 1 <= watched.value("auth", "keyarc_database_connections") <= 4
    assert watched.value("auth", "keyarc_database_connections_max") == 4
    assert watched.value("auth", "keyarc_database_waiting") == 0
    assert watched.value("auth", "keyarc_database_wait_seconds_total") >= 0


@pytest.mark.parametrize("service", COUNTING)
def test_a_start_tells_how_long_it_took(watched: Watched, service: str) -> None:
    assert 0.05 < watched.value(service, "keyarc_start_seconds") < 60
    assert watched.value(service, "process_start_time_seconds") > 1_700_000_000
    assert 10e6 < watched.value(service, "process_resident_memory_bytes") < 200e6


def test_the_gateway_tells_how_long_it_waited_for_those_behind(watched: Watched) -> None:
    forwarded = {"service": "gateway", "route": "/api/keys/{rest:path}"}
    before = watched.value("gateway", "keyarc_upstream_seconds_count", **forwarded)

    assert watched.ask("GET", "/api/keys/x").status == 401  # refused before it is handed on
    assert watched.ask("GET", "/api/keys/x", token=watched.token()).status == 404

    assert watched.value("gateway", "keyarc_upstream_seconds_count", **forwarded) == before + 1


def test_no_path_method_or_id_of_a_clients_own_becomes_a_label(watched: Watched) -> None:
    canary = f"canary{uuid4().hex}"
    for number in range(40):
        path = f"{canary}{number}/{uuid4()}?{canary}={canary}"
        for where, target in (
            ("auth", f"/auth/{path}"),
            ("gateway", f"/api/keys/{path}"),
            ("gateway", f"/api/{path}"),
            ("keys", f"/api/keys/vaults/{uuid4()}/secrets?{canary}"),
            ("keys", f"/api/keys/{path}"),
            ("account", f"/api/account/{path}"),
        ):
            watched.ask("GET", target, at=where)
            watched.ask(f"CANARY{number}", target, at=where)

    for service in COUNTING:
        told = watched.scrape(service)
        routes = {sample.labels.get("route", "none") for sample in watched.samples(service)}
        assert canary not in told
        assert "CANARY" not in told
        assert routes <= {"none", *(f"{route}" for route in routes if route.startswith("/"))}
        assert len(told.splitlines()) < 1000


def test_when_a_job_was_done_last_is_told_and_not_asked_for_with_every_scrape(
    watched: Watched,
) -> None:
    done = watched.value("auth", "keyarc_job_done_timestamp_seconds", name="backup")
    borrowed = watched.value("auth", "keyarc_database_borrowed_total")

    again = watched.value("auth", "keyarc_job_done_timestamp_seconds", name="backup")

    assert done == again == 1767225600
    assert watched.value("auth", "keyarc_database_borrowed_total") == borrowed


def test_the_gateway_tells_until_when_the_certificate_is_good(watched: Watched) -> None:
    until = watched.value("gateway", "keyarc_certificate_expiry_timestamp_seconds")

    assert 59 < (until - time.time()) / 86400 < 60


def test_the_port_serves_metrics_and_nothing_else(watched: Watched) -> None:
    port = watched.metrics_ports["keys"]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for method, path, status in (
        ("GET", "/metrics", 200),
        ("GET", "/", 404),
        ("GET", "/api/keys/health", 404),
        ("POST", "/metrics", 501),
    ):
        connection.request(method, path)
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()


def test_metrics_are_not_where_the_public_is_served(watched: Watched) -> None:
    for service in COUNTING:
        assert watched.ask("GET", "/metrics", at=service).status == 404

    with urllib.request.urlopen(f"{watched.url}/metrics", timeout=30) as page:  # noqa: S310
        assert b"keyarc_" not in page.read()


def test_who_holds_the_line_does_not_keep_others_from_scraping(watched: Watched) -> None:
    with socket.create_connection(("127.0.0.1", watched.metrics_ports["account"])) as idle:
        idle.sendall(b"GET /metr")

        assert watched.scrape("account")
