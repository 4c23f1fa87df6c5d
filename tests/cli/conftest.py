"""Devices of people who have an account at the running services."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from machines.stack import Stack
from tests.cli.keyarc import Keyarc

NewDevice = Callable[..., Keyarc]


@pytest.fixture
def device(stack: Stack, tmp_path: Path) -> NewDevice:
    """Make devices that know nothing yet; each call another, of someone else if not told whose."""

    def make(email: str | None = None) -> Keyarc:
        name = uuid4().hex
        return Keyarc(tmp_path / name, stack.url, email or f"{name}@example.com")

    return make


@pytest.fixture
def keyarc(device: NewDevice) -> Iterator[Keyarc]:
    """The device of someone who has just signed up and has an empty vault ``work``."""
    made = device()
    made("signup")
    made("vault", "create", "work")
    yield made
    made("logout")
