"""The whole of KeyArc as it is on Fly: behind proxies, and asleep until somebody calls."""

import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from machines.apps import APPS
from machines.children import Child
from machines.sleepy.fleet import Fleet, Plan
from machines.sleepy.machine import PATIENCE_S
from machines.sleepy.rules import By, Rules
from machines.stack import CONFIG, NO_SETTINGS, ROOT, SERVICES, Stack

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
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        super().__init__(data, port, database, durable=durable, settings=settings)
        self._idle_s = idle_s
        self._by: By | None = by
        self._say = say
        self._patience_s = patience_s
        self._fleet: Fleet | None = None

    @property
    def fleet(self) -> Fleet:
        """The machines, by the names of the services."""
        if self._fleet is None:
            raise RuntimeError("this stack is not started")
        return self._fleet

    def environment(self, name: str) -> dict[str, str]:
        """What the service is told; behind a proxy, only that one knows the client's address."""
        behind = {"CLIENT_ADDRESS_FROM": "Fly-Client-IP"} if name == "edge" else {}
        return super().environment(name) | behind

    def _begin(self, sockets: Mapping[str, list[socket.socket]]) -> None:
        plans = {
            name: Plan(
                Rules.of(APPS[APP_OF.get(name, name)].settings, self._by),
                partial(self._start_machine, name),
                [each.dup() for each in listening],
            )
            for name, listening in sockets.items()
        }
        for name, plan in plans.items():
            if name != "edge":
                self._say(f"{plan.rules.app}.flycast is at {self.service_urls[name]}")
        self._fleet = Fleet(plans, idle_s=self._idle_s, say=self._say, patience_s=self._patience_s)

    def _end(self) -> None:
        if self._fleet:
            self._fleet.close()
            self._fleet = None

    def _start_machine(self, name: str, port: int) -> Child:
        own = {"BIND_HOST": "127.0.0.1", "PORT": str(port)}
        return Child(
            [sys.executable, "-m", "gunicorn", "--config", CONFIG, SERVICES[name].app],
            log=self.logs / f"{name}.log",
            env=self.environment(name) | own,
            cwd=ROOT,
        )
