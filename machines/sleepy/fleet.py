"""Several machines behind their proxies, on one event loop in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from machines.children import Child
from machines.sleepy.machine import PATIENCE_S, Machine, Place
from machines.sleepy.proxy import Proxy
from machines.sleepy.rules import By, Rules


@dataclass(frozen=True)
class Plan:
    """A machine to be: its rules, what starts it on a port, and the sockets of its proxy."""

    rules: Rules
    start: Callable[[int], Child]
    sockets: list[socket.socket]


class Fleet:
    """Machines by name, all stopped at first. *say* is told who wakes and who falls asleep."""

    def __init__(
        self,
        plans: Mapping[str, Plan],
        *,
        idle_s: float,
        say: Callable[[str], None],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._idle_s = idle_s
        self._say = say
        self._patience_s = patience_s
        self._machines: dict[str, Machine] = {}
        self._reserved: dict[str, socket.socket] = {}
        self._servers: list[asyncio.Server] = []
        self._watches: list[asyncio.Future[None]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._open(plans))

    def state(self, name: str) -> str:
        """``started``, ``suspended`` or ``stopped``."""
        return self._machines[name].state

    def url(self, name: str) -> str:
        """The machine itself, as health checks see it: what asks here neither wakes nor counts."""
        return f"http://127.0.0.1:{_port(self._reserved[name])}"

    def pid(self, name: str) -> int | None:
        """The process that leads the machine, while there is one."""
        return self._machines[name].pid

    def sleep(self, *names: str, by: By | None = None) -> None:
        """Put machines, or all of them, to sleep at once."""
        self._run(_all(self._machines[name].sleep(by) for name in names or self._machines))

    def close(self) -> None:
        """Take no more requests, end every machine and then the loop."""
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        for each in self._reserved.values():
            each.close()

    async def _open(self, plans: Mapping[str, Plan]) -> None:
        for name, plan in plans.items():
            self._reserved[name] = held = _reserve()
            place = Place(_port(held), plan.start)
            machine = Machine(plan.rules, place, self._idle_s, self._say, self._patience_s)
            self._machines[name] = machine
            self._watches.append(asyncio.ensure_future(machine.watch()))
            self._servers += await Proxy(machine).listen(plan.sockets)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await _all(machine.end() for machine in self._machines.values())
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _reserve() -> socket.socket:
    """Bind a free port without listening: a stopped machine refuses, and nobody takes its port."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


def _port(bound: socket.socket) -> int:
    port: int = bound.getsockname()[1]
    return port


async def _all(works: Iterable[Coroutine[Any, Any, object]]) -> None:
    await asyncio.gather(*works)
