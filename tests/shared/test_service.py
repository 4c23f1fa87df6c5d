"""What every service has alike."""

import json
import logging
from typing import Any
from uuid import UUID

import falcon
import pytest
from falcon import Request, Response
from falcon.testing import TestClient

from shared import bodies, log, service

PASSWORD = "correct horse battery staple"
ID = "5f0c7d3e-6d8a-4c9b-8a51-0b6f3a2f9d11"


class Echo:
    """Answers with the length of its body."""

    public = True

    def on_post(self, req: Request, resp: Response) -> None:
        resp.media = len(bodies.read(req)) + len(bodies.read(req))


class Large(Echo):
    """The same for a commit."""

    max_body = bodies.MAX_COMMIT_BYTES


class Faults:
    """Fails in many ways."""

    public = True

    def on_get(self, _req: Request, resp: Response) -> None:
        try:
            resp.media = dict[str, str]()[PASSWORD]
        except KeyError as ex:
            raise ValueError(PASSWORD) from ex

    def on_post(self, _req: Request, _resp: Response) -> None:
        raise falcon.HTTPInsufficientStorage(title=PASSWORD, description=PASSWORD)


@pytest.fixture
def client() -> TestClient:
    app = service.new_app("auth", "/auth", ready=lambda: False, hosts={"keyarc.test"})
    app.add_route("/auth/echo", Echo())
    app.add_route("/auth/faults", Faults())
    app.add_route("/auth/large", Large())
    return TestClient(app, headers={"Host": "keyarc.test"})


def _lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    formatter = log.Json("auth")
    return [json.loads(formatter.format(record)) for record in caplog.records]


def test_health_asks_for_nothing_and_ready_tells_the_truth(client: TestClient) -> None:
    assert client.simulate_get("/auth/health").json == {"status": "ok"}
    ready = client.simulate_get("/auth/ready")
    assert ready.json["type"] == "/problems/unavailable"
    assert ready.headers["Retry-After"]


@pytest.mark.parametrize(
    ("method", "path", "problem"),
    [
        ("GET", "/", "not-found"),
        ("GET", "/auth/health/", "not-found"),
        ("DELETE", "/auth/health", "method-not-allowed"),
        ("GET", "/auth/faults", "internal"),
        ("POST", "/auth/faults", "malformed"),
    ],
)
def test_every_error_is_a_problem_and_says_nothing_of_the_inside(
    client: TestClient, method: str, path: str, problem: str
) -> None:
    response = client.simulate_request(method, path)

    assert response.json.keys() == {"type", "title", "status"}
    assert response.json["type"] == f"/problems/{problem}"
    assert response.json["status"] == response.status_code
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_fault_is_told_in_the_log_by_its_place_and_without_its_message(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.simulate_get("/auth/faults", params={"token": PASSWORD})

    fault, request = _lines(caplog)
    assert fault["errors"] == ["ValueError", "KeyError"]
    assert fault["where"][-1].startswith("tests/shared/test_service.py:")
    assert fault["level"] == request["level"] == "ERROR"
    assert fault["request_id"] == request["request_id"]
    assert PASSWORD not in json.dumps([fault, request])


def test_a_request_is_one_line_of_named_fields(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    client.simulate_post(
        "/auth/echo", params={"a": PASSWORD}, body=PASSWORD, headers={"X-Request-Id": ID}
    )

    (line,) = _lines(caplog)
    assert line.pop("ms") >= 0
    assert line.pop("time")[-1] == "Z"
    assert line == {
        "level": "INFO",
        "service": "auth",
        "message": "request",
        "request_id": ID,
        "method": "POST",
        "route": "/auth/echo",
        "status": 200,
    }


def test_checks_of_health_do_not_fill_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    client.simulate_get("/auth/health")

    assert caplog.records == []


@pytest.mark.parametrize("given", [None, "", "x", ID.upper(), "{" + ID + "}", ID + "0", "1" * 999])
def test_a_request_id_is_a_uuid_or_replaced_by_one(client: TestClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-Id": given}

    answered = client.simulate_get("/auth/health", headers=headers).headers["X-Request-Id"]

    assert answered != given
    assert str(UUID(answered)) == answered


def test_a_request_id_comes_back(client: TestClient) -> None:
    response = client.simulate_get("/nowhere", headers={"X-Request-Id": ID})

    assert response.headers["X-Request-Id"] == ID


def test_no_answer_is_cached_or_guessed_at(client: TestClient) -> None:
    for path in ("/auth/health", "/nowhere"):
        headers = client.simulate_get(path).headers

        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["elsewhere.example", "keyarc.test:81", "keyarc.test.", ""])
def test_a_request_for_another_host_is_refused(client: TestClient, host: str) -> None:
    headers = {"Host": host}

    assert client.simulate_post("/auth/echo", headers=headers).status_code == 400
    assert client.simulate_get("/auth/health", headers=headers).status_code == 200
    assert client.simulate_get("/auth/ready", headers=headers).status_code == 503


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/auth/echo", 0, 200),
        ("/auth/echo", 1 << 20, 200),
        ("/auth/echo", (1 << 20) + 1, 413),
        ("/auth/large", (1 << 20) + 1, 200),
        ("/auth/large", (16 << 20) + 1, 413),
    ],
)
def test_a_body_is_as_large_as_its_route_takes(
    client: TestClient, path: str, length: int, status: int
) -> None:
    response = client.simulate_post(path, body=b"a" * length)

    assert response.status_code == status
    assert status != 200 or response.json == 2 * length


@pytest.mark.parametrize(("length", "status"), [(10, 200), ((1 << 20) + 1, 413)])
def test_a_body_without_a_length_is_held_to_the_same(
    client: TestClient, length: int, status: int
) -> None:
    response = client.simulate_post(
        "/auth/echo",
        body=b"a" * length,
        headers={"Transfer-Encoding": "chunked"},
        extras={"CONTENT_LENGTH": ""},
    )

    assert response.status_code == status
    assert status != 200 or response.json == 2 * length


def test_a_body_that_ends_early_is_refused(client: TestClient) -> None:
    response = client.simulate_post("/auth/echo", body=b"a", headers={"Content-Length": "2"})

    assert response.json["type"] == "/problems/malformed"
