"""The images, made once for all test processes."""

import os
from collections.abc import Iterator

import pytest

from tests.machines.images.replays import Images


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Images]:
    base = tmp_path_factory.getbasetemp()
    together = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with Images(together / "images") as found:
        yield found
