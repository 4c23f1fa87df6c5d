"""Times of requests in classes, taken in turn, and whether the classes can be told apart.

As dudect does (Reparaz, Balasch, Verbauwhede: Dude, is my code constant time?, 2017): Welch's t of
two classes, whose slowest samples, which are the machine's and not the code's, are cropped at
several percentiles of both together; the worst t counts. Above 4.5 they can be told apart.
"""

import gc
import json
import math
import random
import socket
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from machines.failures import Failure

PERCENTILES = (50, 75, 90, 95, 99)
TELLING_T = 4.5
CLEAR_EVERY = 4  # turns: fewer than a limit lets through

Body = Mapping[str, object]


class Asker:
    """A connection that stays open, and a clock beside it."""

    def __init__(self, port: int, host: str) -> None:
        self._host = host
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ex: object) -> None:
        self._socket.close()

    def post(self, path: str, body: Body) -> tuple[int, float]:
        """Return the status, and the microseconds until the answer was whole."""
        content = json.dumps(body).encode()
        request = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"X-KeyArc-Client-IP: 127.0.0.1\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content
        began = time.perf_counter_ns()
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, rest = answer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(rest) < length:
            rest += self._more()
        return int(head[9:12]), (time.perf_counter_ns() - began) / 1000

    def _more(self) -> bytes:
        part = self._socket.recv(65536)
        if not part:
            raise Failure("The service hung up.")
        return part


def take(
    classes: Sequence[Callable[[int], float]], count: int, clear: Callable[[], None]
) -> list[list[float]]:
    """Sample each class *count* times in turn, in a random order within each turn."""
    order = random.Random(1)  # noqa: S311 - nobody guesses it
    taken: list[list[float]] = [[] for _ in classes]
    gc.disable()
    try:
        for number in range(count):
            if number % CLEAR_EVERY == 0:
                clear()
            for which in order.sample(range(len(classes)), len(classes)):
                taken[which].append(classes[which](number))
    finally:
        gc.enable()
    return taken


def worst_t(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the largest |t| over all crops."""
    bounds = statistics.quantiles([*left, *right], n=100)
    return max(
        abs(welch_t(*([x for x in each if x <= bounds[percentile - 1]] for each in (left, right))))
        for percentile in PERCENTILES
    )


def welch_t(left: Sequence[float], right: Sequence[float]) -> float:
    """Return Welch's t (Biometrika 34, 1947), 0 where there is nothing to tell apart."""
    if min(len(left), len(right)) < 2:
        return math.inf if len(left) != len(right) else 0.0
    spread = sum(statistics.variance(each) / len(each) for each in (left, right))
    difference = statistics.fmean(left) - statistics.fmean(right)
    if spread == 0:
        return math.inf if difference else 0.0
    return difference / math.sqrt(spread)
