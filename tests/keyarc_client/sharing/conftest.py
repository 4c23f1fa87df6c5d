"""Three people of one module, an evil server between them, and a vault of the first."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from machines.stack import Stack
from tests.evil.server import Evil, evil_before
from tests.keyarc_client.people import People, Someone, people


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[Evil]:
    with evil_before(stack.url) as found:
        yield found


@pytest.fixture(scope="module")
def everybody(server: Evil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    names = ("owner", "guest", "third")
    with people(server.url, tmp_path_factory.mktemp("evil"), *names) as found:
        yield found


@pytest.fixture
def evil(server: Evil) -> Iterator[Evil]:
    yield server
    for lies in (server.transforms, server.replies, server.statuses, server.withheld):
        lies.clear()


@pytest.fixture
def owner(everybody: People) -> Someone:
    return everybody["owner"]


@pytest.fixture
def guest(everybody: People, evil: Evil) -> Someone:
    """Somebody whose process remembers nothing of what was refused before."""
    found = everybody["guest"]
    found.client = found.again()
    evil.lines()
    return found


@pytest.fixture
def vault(owner: Someone) -> UUID:
    made = owner.client.create_vault("team")
    owner.put(made, A="value a")
    return made
