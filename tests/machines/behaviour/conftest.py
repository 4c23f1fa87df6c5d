"""Services of one test, ended with it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from machines.stack import Stack
from tests.machines.behaviour.alone import Alone

NewService = Callable[..., Alone]


@pytest.fixture
def service(stack: Stack, tmp_path: Path) -> Iterator[NewService]:
    """Start a service by itself; what it may be told stands in `Alone`."""
    with ExitStack() as undo:

        def start(name: str, *arguments: str, **changed: str) -> Alone:
            made = Alone(stack, name, tmp_path, *arguments, **changed)
            undo.callback(made.stop)
            return made

        yield start
