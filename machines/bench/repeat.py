"""A load of requests: a few connections that stay open, each asking again once it is answered."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from machines.failures import Failure


@dataclass(frozen=True, slots=True)
class Load:
    """How many answers came in a second, and how long they took in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


def put(port: int, request: bytes, *, connections: int, seconds: float) -> Load:
    """Send *request*, which must be answered with 200 and a length, over and over."""
    # A browser that is driven from this thread keeps a loop running in it.
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, _put(port, request, connections, seconds)).result()


async def _put(port: int, request: bytes, connections: int, seconds: float) -> Load:
    began = time.perf_counter()
    until = began + seconds
    each = (_ask(port, request, until) for _ in range(connections))
    taken = sorted(ms for many in await asyncio.gather(*each) for ms in many)
    passed = time.perf_counter() - began
    middle, late = (taken[int(len(taken) * share)] for share in (0.5, 0.99))
    return Load(len(taken) / passed, middle, late)


async def _ask(port: int, request: bytes, until: float) -> list[float]:
    taken: list[float] = []
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (began := time.perf_counter()) < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head[:16]:
                raise Failure(f"The load was answered with {head[9:12].decode()}, not 200.")
            _, _, told = head.lower().partition(b"content-length: ")
            await reader.readexactly(int(told.split(b"\r\n")[0]))
            taken.append((time.perf_counter() - began) * 1000)
    finally:
        writer.close()
        await writer.wait_closed()
    return taken
