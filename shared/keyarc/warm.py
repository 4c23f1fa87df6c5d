"""Wakes a server whose machines sleep, while somebody still types."""

from contextlib import suppress
from threading import Thread

from .encoding import Broken
from .errors import Failure
from .http import Transport

CALLS = ("/auth/health", "/api/warm")


def warm(server: str, *, plain_http: bool = False) -> None:
    """Ask both sides of *server* at once, in threads that nobody waits for."""
    for path in CALLS:
        transport = Transport(server, plain_http=plain_http)
        Thread(target=_ask, args=(transport, path), daemon=True).start()


def _ask(transport: Transport, path: str) -> None:
    # Being asked is all it takes; whether it works out is told by the login.
    with suppress(Failure, Broken):
        transport.ask("GET", path)
    transport.close()
