"""The services behind the gateway as a whole: woken before they are needed, asked if they stand."""

import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import ClassVar

from falcon import HTTP_ACCEPTED, Request, Response

from handlers.gateway.upstream import Question, Slow, Unreachable, Upstream
from shared.operations import Operation

# Longer than a machine takes to boot: its line to the database is to open, too. Nobody waits.
WARM_SECONDS = 5.0
WARM_EVERY_SECONDS = 10.0
READY_SECONDS = 20.0
READY_EVERY_SECONDS = 5.0


class Warm:
    """``/api/warm``: wakes account and keys, while somebody is still typing a password."""

    public = True
    operations: ClassVar = {"on_get": Operation(status=202)}

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self._lock = threading.Lock()
        self._next = time.monotonic()
        self._called = False

    def on_get(self, _req: Request, resp: Response) -> None:
        """Answer at once; at most one wake-up call in ``WARM_EVERY_SECONDS`` leaves."""
        resp.status = HTTP_ACCEPTED
        with self._lock:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + WARM_EVERY_SECONDS
            self._called = True
        self._call(self._upstreams)

    def beside(self, audience: str) -> None:
        """Wake the others along with *audience*, unless somebody was woken already.

        Where the gateway has just started, they sleep too, and who asks for one soon asks for
        the other.
        """
        with self._lock:
            if self._called:
                return
            self._called = True
        self._call(self._upstreams.keys() - {audience})

    def _call(self, names: Iterable[str]) -> None:
        for name in names:
            arguments = (name, self._upstreams[name], WARM_SECONDS)
            threading.Thread(target=_is_ready, args=arguments, daemon=True).start()


class Behind:
    """Whether account and keys are ready: for the probe of a deployment, which is outside.

    One question at a time, and its answer is remembered: strangers cannot make it a load, nor
    hold more than one thread with it.
    """

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = upstreams
        self._asking = threading.Lock()
        self._ready = False
        self._next = time.monotonic()

    def ready(self) -> bool:
        """Ask them both, or tell what they said last; what is old says nothing any more."""
        if not self._asking.acquire(blocking=False):
            return self._ready and time.monotonic() < self._next
        try:
            if time.monotonic() >= self._next:
                self._ready = self._ask()
                self._next = time.monotonic() + READY_EVERY_SECONDS
            return self._ready
        finally:
            self._asking.release()

    def _ask(self) -> bool:
        with ThreadPoolExecutor(len(self._upstreams)) as threads:
            asked = [
                threads.submit(_is_ready, name, upstream, READY_SECONDS)
                for name, upstream in self._upstreams.items()
            ]
            return all(each.result() for each in asked)


def _is_ready(name: str, upstream: Upstream, seconds: float) -> bool:
    """Ask a service, which wakes it, and whether it reaches its database."""
    question = Question("GET", f"/api/{name}/ready", {}, None, 0)
    try:
        answer = Upstream(f"http://{upstream.netloc}", seconds=seconds).ask(question)
    except (Slow, Unreachable):
        return False
    if not isinstance(answer.body, bytes):
        answer.body.close()
    return answer.status == HTTPStatus.OK
