"""An operator with a clone, and one whose KeyArc is deployed already."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from machines.postgres import Postgres
from machines.stack import Stack
from tests.machines.fly.operator import Operator


@pytest.fixture(scope="session")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The owner's URL of a server whose roles nobody else needs."""
    with Postgres(tmp_path_factory.mktemp("owner"), durable=False) as server:
        yield server.url


@pytest.fixture(scope="session")
def created(tmp_path_factory: pytest.TempPathFactory, owner: str) -> Operator:
    """One who ran ``create`` and committed."""
    operator = Operator.new(tmp_path_factory.mktemp("operator"))
    operator.done("create", "--origin", "https://keys.example.com", DIRECT_DATABASE_URL=owner)
    operator.commit("create")
    return operator


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory, created: Operator, stack: Stack) -> Operator:
    """One who deployed all five apps; what they answer from outside, a local stack answers."""
    operator = created.twin(tmp_path_factory.mktemp("deployed"))
    operator.done("deploy", "--probe", stack.url)
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
