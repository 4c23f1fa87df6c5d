"""The device that a command runs on, and the client of its session."""

import os
from pathlib import Path

from ..client import Client
from ..device import Device
from .terminal import Usage, variable

TOKEN = "KEYARC_TOKEN"  # noqa: S105 - the name of the variable
READS = "a machine token only reads, and KEYARC_TOKEN is set: unset it to do this as a person"


def device() -> Device:
    """Give the device whose state is under KEYARC_HOME, or where the platform keeps such state."""
    home = os.environ.get("KEYARC_HOME")
    if home:
        return Device(Path(home).expanduser())
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed where KEYARC_HOME is set

    return Device(user_data_path("keyarc", appauthor=False))


def open_client() -> Client:
    """Give the client of the session that this device keeps; a machine token is not enough."""
    if by_token():
        raise Usage(READS)
    return Client.resume(device())


def open_reader() -> Client:
    """Give a client that reads: the machine's where there is a token, else this device's."""
    token = variable(TOKEN)
    if token is None:
        return open_client()
    server = variable("KEYARC_SERVER")
    if server is None:
        raise Usage("set KEYARC_SERVER to the server that KEYARC_TOKEN is of")
    from ..machines import log_in  # noqa: PLC0415 - people pay nothing for machines

    return log_in(server, token)


def by_token() -> bool:
    """Tell whether this is a machine's command: it neither reads nor writes state of a device."""
    return variable(TOKEN) is not None
