"""A line to the database that a test can cut, as a suspended machine finds it cut."""

import socket
import struct
import threading
from contextlib import suppress
from typing import Literal

from psycopg.conninfo import conninfo_to_dict, make_conninfo

RESET = struct.pack("ii", 1, 0)  # linger for no time: the other side gets a reset
How = Literal["closed", "reset"]


class Tunnel:
    """Passes bytes from a port of its own to the server of *url*; `url` names it instead."""

    def __init__(self, url: str) -> None:
        told = conninfo_to_dict(url)
        self._target = (str(told["host"]), int(str(told["port"])))
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.url = make_conninfo(url, host="127.0.0.1", port=port)
        self._open: list[socket.socket] = []
        self._refusing = False
        self.lines = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, how: How) -> None:
        """End every line that is open; new ones are welcome."""
        while self._open:
            each = self._open.pop()
            with suppress(OSError):
                if how == "reset":
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                # The thread that reads it would hold it open.
                each.shutdown(socket.SHUT_RD if how == "reset" else socket.SHUT_RDWR)
            each.close()

    def refuse(self) -> None:
        """End every line, and new ones at once."""
        self._refusing = True
        self.cut("reset")

    def welcome(self) -> None:
        """Pass on again."""
        self._refusing = False

    def close(self) -> None:
        """Cut all and listen no more."""
        self.cut("closed")
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self._refusing:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                self.lines += 1
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pass, args=(one, other), daemon=True).start()


def _pass(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while block := one.recv(65_536):
            other.sendall(block)
        other.shutdown(socket.SHUT_WR)
