"""One machine: started by its first request, put to sleep when nobody asks."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from machines.children import Child
from machines.sleepy.rules import By, Rules

PATIENCE_S = 20.0  # below the 25 s that our own services wait for each other
RETRY_S = 0.01
WATCH_S = 0.1
MOST_CRASHES = 10  # Fly gives up after as many, until somebody asks again

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Asleep(Exception):
    """The machine did not come up within the patience of the proxy."""


@dataclass(frozen=True)
class Place:
    """Where a machine listens once it runs, and what starts it."""

    port: int
    start: Callable[[int], Child]


class Machine:
    """A process that is stopped, suspended or awake. Its methods belong to one event loop."""

    def __init__(
        self,
        rules: Rules,
        place: Place,
        idle_s: float,
        say: Callable[[str], None],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.rules = rules
        self._place = place
        self._idle_s = idle_s
        self._say = say
        self._patience_s = patience_s
        self._child: Child | None = None
        self._suspended = False
        self._changing = asyncio.Lock()
        self._seats = asyncio.Semaphore(rules.most_requests)
        self._over = False
        self._in_flight = 0
        self._woken_at: float | None = None
        self._crashes = 0
        self._alarm: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> str:
        """``started``, ``suspended`` or ``stopped``."""
        if self._child is None:
            return "stopped"
        return "suspended" if self._suspended else "started"

    @property
    def pid(self) -> int | None:
        """The process that leads it, while there is one."""
        return self._child.pid if self._child else None

    @asynccontextmanager
    async def request(self) -> AsyncIterator[Connection]:
        """Yield a new connection for one request, which keeps the machine awake; raise Asleep."""
        self._in_flight += 1
        if self._alarm:
            self._alarm.cancel()
        try:
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._seats.acquire()
            except TimeoutError as ex:
                raise Asleep from ex
            try:
                reader, writer = await self._connect()
                try:
                    yield reader, writer
                finally:
                    writer.close()
            finally:
                self._seats.release()
        finally:
            self._in_flight -= 1
            self._rest()

    def answered(self) -> None:
        """Note that it has answered: the first answer ends the waking."""
        self._crashes = 0
        if self._woken_at is not None:
            self._say(f"{self.rules.app} is awake after {time.monotonic() - self._woken_at:.2f} s")
            self._woken_at = None

    async def sleep(self, by: By | None = None) -> bool:
        """Put it to sleep, unless somebody waits for it; whether that was done."""
        async with self._changing:
            if self._child is None or self._suspended or self._in_flight:
                return False
            self._woken_at, self._crashes = None, 0
            if (by or self.rules.by) == "suspend":
                os.killpg(self._child.pid, signal.SIGSTOP)
                self._suspended = True
            else:
                await self._stop()
            return True

    async def end(self) -> None:
        """Stop it for good."""
        if self._alarm:
            self._alarm.cancel()
        self._over = True
        async with self._changing:
            await self._stop()

    async def watch(self) -> None:
        """Start it again whenever it crashes."""
        while not self._over:
            await asyncio.sleep(WATCH_S)
            async with self._changing:
                self._bury()
                crashed = self._child is None and 0 < self._crashes <= MOST_CRASHES
                if crashed and self.rules.restarts and not self._over:
                    self._start()
                    self._rest()

    def _rest(self) -> None:
        """Let the time until it falls asleep begin anew, unless somebody waits for it."""
        if self._alarm:
            self._alarm.cancel()
        if not self._in_flight:
            self._alarm = asyncio.get_running_loop().call_later(self._idle_s, self._tire)

    def _tire(self) -> None:
        if self.rules.falls_asleep:
            task = asyncio.get_running_loop().create_task(self._fall_asleep())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fall_asleep(self) -> None:
        if await self.sleep():
            self._say(f"{self.rules.app} is {self.state}: nobody asked for {self._idle_s:g} s")

    async def _connect(self) -> Connection:
        """Knock until it opens. Nothing was sent before it does: nothing is ever sent twice."""
        try:
            async with asyncio.timeout(self._patience_s):
                while self._crashes <= MOST_CRASHES:
                    async with self._changing:
                        self._wake()
                    try:
                        return await asyncio.open_connection("127.0.0.1", self._place.port)
                    except OSError:
                        await asyncio.sleep(RETRY_S)
        except TimeoutError:
            self._say(f"{self.rules.app} does not come up within {self._patience_s:g} s")
        self._crashes = 0  # the next one who asks may try again
        raise Asleep

    def _wake(self) -> None:
        if self._over:
            raise Asleep
        self._bury()
        if self._suspended and self._child:
            self._suspended = False
            self._woken_at = time.monotonic()
            self._say(f"{self.rules.app} resumes")
            os.killpg(self._child.pid, signal.SIGCONT)
        self._start()

    def _start(self) -> None:
        if self._child is None:
            self._woken_at = time.monotonic()
            self._say(f"{self.rules.app} starts")
            self._child = self._place.start(self._place.port)

    def _bury(self) -> None:
        """Let go of a process that ended by itself; count it where that was a failure."""
        child = self._child
        if child is None or not child.ended:
            return
        code = child.stop()
        lost = self._suspended
        self._child, self._suspended = None, False
        if lost:
            self._say(f"{self.rules.app} cannot be resumed")
        elif code:
            self._crashes += 1
            self._say(f"{self.rules.app} crashed with {code}")

    async def _stop(self) -> None:
        child = self._child
        if child is None:
            return
        if self._suspended:
            child.ask_to_stop()
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGCONT)  # or it would never hear of it
        await asyncio.to_thread(child.stop, self.rules.kill_timeout_s)
        self._child, self._suspended = None, False
