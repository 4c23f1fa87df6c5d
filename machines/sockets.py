"""Sockets that are opened before the processes which serve them, and ports that are free."""

import errno
import socket
from contextlib import ExitStack

from machines.failures import Failure


def listen(held: ExitStack, port: int, *, also_six: bool = False) -> list[socket.socket]:
    """Open *port* on the loopback address, and on IPv6's too: ``localhost`` may mean either."""
    addresses = [(socket.AF_INET, "127.0.0.1")]
    if also_six and socket.has_ipv6:
        addresses.append((socket.AF_INET6, "::1"))
    opened: list[socket.socket] = []
    for family, host in addresses:
        each = held.enter_context(socket.socket(family))
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # gunicorn sets this, too, but a connection that came before it would lag by 40 ms for life.
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            each.bind((host, opened[0].getsockname()[1] if opened else port))
        except OSError as ex:
            if ex.errno == errno.EADDRNOTAVAIL and opened:
                break  # a machine without IPv6
            if ex.errno == errno.EADDRINUSE and opened and port == 0:
                return listen(held, port, also_six=True)  # free in one family only: another
            why = "is taken" if ex.errno == errno.EADDRINUSE else f"is refused ({ex.strerror})"
            raise Failure(f"Port {port} {why}: choose another with --port.") from ex
        each.listen()
        opened.append(each)
    return opened


def port_of(opened: socket.socket) -> int:
    """Return the port that *opened* listens on."""
    return int(opened.getsockname()[1])


def free_port() -> int:
    """Return a port that was free a moment ago, for programs that open theirs themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return port_of(probe)
