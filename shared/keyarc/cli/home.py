"""The device that a command runs on, and the client of its session."""

import os
from pathlib import Path

from ..client import Client
from ..device import Device


def device() -> Device:
    """Give the device whose state is under KEYARC_HOME, or where the platform keeps such state."""
    home = os.environ.get("KEYARC_HOME")
    if home:
        return Device(Path(home).expanduser())
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where KEYARC_HOME is set

    return Device(user_data_path("keyarc", appauthor=False))


def open_client() -> Client:
    """Give the client of the session that this device keeps."""
    return Client.resume(device())
