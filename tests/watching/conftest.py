"""The whole as an operator watches it."""

from collections.abc import Iterator

import pytest

from tests.watching.watched import Watched


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with Watched(tmp_path_factory.mktemp("watched"), durable=False) as stack:
        yield stack
