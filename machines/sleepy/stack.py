"""The whole of KeyArc as it is on Fly: behind proxies, and asleep until somebody calls."""

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from machines.apps import APPS
from machines.children import Child
from machines.sleepy.machine import PATIENCE_S, Machine, Place
from machines.sleepy.proxy import Proxy
from machines.sleepy.rules import By, Rules
from machines.stack import CONFIG, ROOT, SERVICES, Stack

APP_OF = {"edge": "frontend"}  # the local edge stands where nginx is on Fly


class Sleepy(Stack):
    """A stack whose services sleep: stopped at first, woken by requests, asleep again when idle.

    *by* None is what each toml says; *say* is told who wakes and who falls asleep.
    """

    def __init__(
        self,
        data: Path,
        port: int = 0,
        database: str | None = None,
        *,
        idle_s: float,
        by: By | None = None,
        say: Callable[[str], None] = lambda _line: None,
        patience_s: float = PATIENCE_S,
        durable: bool = True,
    ) -> None:
        super().__init__(data, port, database, durable=durable)
        self._idle_s = idle_s
        self._by: By | None = by
        self._say = say
        self._patience_s = patience_s
        self._machines: dict[str, Machine] = {}
        self._watches: list[asyncio.Future[None]] = []
        self._servers: list[asyncio.Server] = []
        self._reserved: dict[str, socket.socket] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def environment(self, name: str) -> dict[str, str]:
        """What the service is told; behind a proxy, only that one knows the client's address."""
        behind = {"CLIENT_ADDRESS_FROM": "Fly-Client-IP"} if name == "edge" else {}
        return super().environment(name) | behind

    def state(self, name: str) -> str:
        """``started``, ``suspended`` or ``stopped``."""
        return self._machines[name].state

    def machine_url(self, name: str) -> str:
        """The machine itself, as health checks see it: what asks here neither wakes nor counts."""
        return f"http://127.0.0.1:{self._port_of(name)}"

    def sleep(self, *names: str, by: By | None = None) -> None:
        """Put services, or all of them, to sleep at once."""
        self._run(_all(self._machines[name].sleep(by) for name in names or self._machines))

    def _begin(self, sockets: Mapping[str, list[socket.socket]]) -> None:
        own = {name: [each.dup() for each in listening] for name, listening in sockets.items()}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._open(own))

    def _end(self) -> None:
        if self._loop is None:
            return
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = None
        for each in self._reserved.values():
            each.close()

    async def _open(self, sockets: Mapping[str, list[socket.socket]]) -> None:
        for name, listening in sockets.items():
            self._reserved[name] = _reserve()
            rules = Rules.of(APPS[APP_OF.get(name, name)].settings, self._by)
            place = Place(self._port_of(name), partial(self._start_machine, name))
            machine = Machine(rules, place, self._idle_s, self._say, self._patience_s)
            self._machines[name] = machine
            self._watches.append(asyncio.ensure_future(machine.watch()))
            self._servers += await Proxy(machine).listen(listening)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await _all(machine.end() for machine in self._machines.values())
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, object]) -> None:
        if self._loop is None:
            work.close()
            raise RuntimeError("this stack is not started")
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _port_of(self, name: str) -> int:
        port: int = self._reserved[name].getsockname()[1]
        return port

    def _start_machine(self, name: str) -> Child:
        own = {"BIND_HOST": "127.0.0.1", "PORT": str(self._port_of(name))}
        return Child(
            [sys.executable, "-m", "gunicorn", "--config", CONFIG, SERVICES[name].app],
            log=self.logs / f"{name}.log",
            env=self.environment(name) | own,
            cwd=ROOT,
        )


def _reserve() -> socket.socket:
    """Bind a free port without listening: a stopped machine refuses, and nobody takes its port."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


async def _all(works: Iterable[Coroutine[Any, Any, object]]) -> None:
    await asyncio.gather(*works)
