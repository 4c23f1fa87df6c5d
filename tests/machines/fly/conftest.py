"""An operator with a clone, and one whose KeyArc is deployed already."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from machines.fly import probes
from machines.postgres import Postgres
from tests.machines.fly.operator import Operator


@pytest.fixture(scope="session")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The owner's URL of a server whose roles nobody else needs."""
    with Postgres(tmp_path_factory.mktemp("owner"), durable=False) as server:
        yield server.url


class WellDeployed(BaseHTTPRequestHandler):
    """Answers what the apps answer when all is well; test_operating asks the real ones."""

    def do_GET(self) -> None:
        known = any(self.path in paths for paths in probes.PATHS.values())
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def outside() -> Iterator[str]:
    """The public address, as seen by a probe."""
    with ThreadingHTTPServer(("127.0.0.1", 0), WellDeployed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def created(tmp_path_factory: pytest.TempPathFactory, owner: str) -> Operator:
    """One who ran ``create`` and committed."""
    operator = Operator.new(tmp_path_factory.mktemp("operator"))
    operator.done("create", "--origin", "https://keys.example.com", DIRECT_DATABASE_URL=owner)
    operator.commit("create")
    return operator


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, created: Operator, outside: str) -> Operator:
    """One who deployed all five apps."""
    operator = created.twin(tmp_path_factory.mktemp("deployed"))
    operator.done("deploy", "--probe", outside)
    return operator


@pytest.fixture
def clone(tmp_path: Path) -> Operator:
    """One who has just cloned."""
    return Operator.new(tmp_path)


@pytest.fixture
def operator(deployed: Operator, tmp_path: Path) -> Operator:
    """One whose KeyArc runs."""
    twin = deployed.twin(tmp_path)
    twin.forget()
    return twin
