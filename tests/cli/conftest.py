"""Devices of people who have an account at the running services."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from machines.stack import Stack
from shared.keyarc.client import Client
from shared.keyarc.device import Device
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
def keyarc(device: NewDevice) -> Keyarc:
    """The device of someone who has just signed up and has an empty vault ``work``."""
    return signed_up(device)


@pytest.fixture
def other(device: NewDevice) -> Keyarc:
    """The device of somebody else, who has such a vault, too."""
    return signed_up(device)


def signed_up(device: NewDevice) -> Keyarc:
    """Sign somebody up.

    By the library, in this process: three commands would take ten times as long.
    """
    made = device()
    home = Device(made.home)
    home.choose_store("file")
    account = Client.prepare_sign_up(made.server, made.email, made.password)
    with closing(Client.sign_up(account, home)) as client:
        client.create_vault("work")
    return made
