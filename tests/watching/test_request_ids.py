"""One request has one id, from the answer's header to the last line of the log."""

import http.client
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from tests.gateway.wire import eventually
from tests.watching.watched import Watched

WAY = ("edge", "gateway", "keys")


def lines_of(watched: Watched, request_id: str) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [line for line in watched.lines(name) if line.get("request_id") == request_id]
        for name in WAY
    }


def ask(watched: Watched, target: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    place = urlsplit(watched.url)
    connection = http.client.HTTPConnection("localhost", place.port, timeout=30)
    connection.request("GET", target, headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_a_request_has_the_same_id_in_every_log_and_in_the_answer(watched: Watched) -> None:
    target = f"/api/keys/vaults/{uuid4()}/secrets"

    response = ask(watched, target, {"Authorization": f"Bearer {watched.token()}"})

    request_id = response.headers["X-Request-Id"]
    assert str(UUID(request_id)) == request_id
    assert eventually(lambda: all(lines_of(watched, request_id).values()))
    found = lines_of(watched, request_id)
    assert {name: len(lines) for name, lines in found.items()} == dict.fromkeys(WAY, 1)
    assert {line["status"] for lines in found.values() for line in lines} == {401}
    assert found["keys"][0]["problem"] == "session-ended"
    assert 0 < found["gateway"][0]["upstream_ms"] <= found["gateway"][0]["ms"]


def test_an_id_of_a_clients_own_goes_nowhere(watched: Watched) -> None:
    own = str(uuid4())

    response = ask(watched, "/api/keys/x", {"X-Request-Id": own})

    given = response.headers["X-Request-Id"]
    assert given != own
    assert eventually(lambda: bool(lines_of(watched, given)["gateway"]))
    assert not any(lines_of(watched, own).values())
