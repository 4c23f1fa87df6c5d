"""Machines of one test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.machines.sleepy.lone import Lone

NewMachine = Callable[..., Lone]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[NewMachine]:
    """Make a machine that is stopped; what it may be told stands in `Lone`."""
    with ExitStack() as undo:

        def make(**how: Any) -> Lone:
            made = Lone(tmp_path, **how)
            undo.callback(made.close)
            return made

        yield make
