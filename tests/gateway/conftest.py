"""One chain of real processes for all tests of the gateway."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.chain import Chain
from tests.gateway.wire import eventually


@pytest.fixture(scope="session")
def standing_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("chain")
    build_site(folder)
    chain = Chain(folder)
    # With the first request the gateway wakes the other service: no test is to see that by chance.
    chain.ask("GET", "/api/keys/x")
    assert eventually(lambda: len(chain.service.requests) == 2, 20)
    yield chain
    chain.stop()


@pytest.fixture
def chain(standing_chain: Chain) -> Chain:
    """The chain, with nothing recorded yet and services that answer 200."""
    for recorder in (standing_chain.service, standing_chain.auth):
        recorder.requests.clear()
        recorder.answer = None
    return standing_chain


def build_site(folder: Path) -> None:
    """Lay down what a build of the page leaves: one page and its headers."""
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<title>KeyArc</title>")
    (folder / "headers.json").write_text(json.dumps({"rules": []}))
