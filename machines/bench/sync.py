"""What a sync costs: it has to follow what changed, not how much a vault holds.

A reader that has seen a vault syncs after 0, 1 and 100 changes by somebody else, each a signed
commit of its own. Waited is the time between a request and the end of its answer in which this
process did nothing; the server's processor is what gateway, keys and PostgreSQL used, however busy
the machine is otherwise. The yardstick is the vault of 100.
"""

import http.client
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from machines.bench import accounts, processors
from machines.bench.figures import Figure
from shared.keyarc.changes import Write
from shared.keyarc.client import Client
from shared.keyarc.http import Transport
from shared.keyarc.items import Details, Field
from shared.keyarc.sync import VaultView
from shared.keyarc.views import Views

SIZES = (100, 1_000, 10_000)
CHANGES = (0, 1, 100)
ROUNDS = {0: 15, 1: 9, 100: 3}
FIRST_ROUNDS = 3
FIRST_MS = 300  # of the server, for a first sync of the largest
MOST_RATIO = 3
SMALLEST = f"vault of {SIZES[0]}"


@dataclass(frozen=True)
class Cost:
    """What a sync took of this process, how long it waited, and what came."""

    own_ms: float
    waited_ms: float
    server_ms: float
    kilobytes: float


class Meter(Transport):
    """Notes how long answers took and how long they were."""

    waited_s = 0.0
    received = 0

    def _send(
        self, method: str, path: str, raw: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        began, used = time.perf_counter(), time.process_time()
        response, content = super()._send(method, path, raw, headers)
        own = time.process_time() - used
        self.waited_s += max(time.perf_counter() - began - own, 0)
        self.received += len(content)
        return response, content


def measure() -> Iterator[Figure]:
    """Yield the figures of each number of changes, then those of first syncs."""
    with accounts.made(SIZES) as account, closing(account.log_in()) as reader:
        meter = Meter(account.url)
        reader.opened.connection.transport = meter
        with closing(account.log_in()) as writer:
            vaults = {int(vault.name): vault.id for vault in writer.vaults()}
            reader.vaults()
            firsts = {size: _first(reader, meter, vaults[size]) for size in SIZES}
            later = {
                (size, changes): _later(reader, meter, writer, vaults[size], changes)
                for size in SIZES
                for changes in CHANGES
            }
    for changes in CHANGES:
        for size in SIZES:
            yield from _figures(size, changes, later[size, changes], later[SIZES[0], changes])
    for size, cost in firsts.items():
        yield from _of_first(size, cost)


def _first(reader: Client, meter: Meter, vault_id: UUID) -> Cost:
    """Sync with a vault that this process has not seen."""
    return _median(
        [_metered(meter, lambda: Views(reader.opened).sync(vault_id)) for _ in range(FIRST_ROUNDS)]
    )


def _later(reader: Client, meter: Meter, writer: Client, vault_id: UUID, changes: int) -> Cost:
    reader.sync(vault_id)
    reader.sync(vault_id)  # from now on the answer that there is nothing new has its tag
    costs = []
    for _ in range(ROUNDS[changes]):
        for number in range(changes):
            writer.change(vault_id, partial(_written, number))
        costs.append(_metered(meter, lambda: reader.sync(vault_id)))
    return _median(costs)


def _written(number: int, view: VaultView) -> list[Write]:
    """Give one secret another version."""
    [secret] = view.named(f"team-{number % 20}/SERVICE_{number}_API_KEY")
    return [Write(secret.overview, Details((Field("value", "changed"),)), secret.id)]


def _metered(meter: Meter, sync: Callable[[], object]) -> Cost:
    meter.waited_s, meter.received = 0.0, 0
    server = _server_s()
    used = time.process_time()
    sync()
    own = time.process_time() - used
    served = _server_s() - server
    return Cost(own * 1000, meter.waited_s * 1000, served * 1000, meter.received / 1000)


def _server_s() -> float:
    return sum(s for part, s in processors.used_s().items() if part != processors.DEVICES)


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(one.own_ms for one in costs),
        statistics.median(one.waited_ms for one in costs),
        statistics.median(one.server_ms for one in costs),
        statistics.median(one.kilobytes for one in costs),
    )


def _figures(size: int, changes: int, cost: Cost, least: Cost) -> Iterator[Figure]:
    subject = f"{changes} changes, vault of {size:,}"
    aim = MOST_RATIO if changes and size > SIZES[0] else None
    own, waited = "client's processor", "waited"
    yield Figure(
        "sync", f"{subject}, {own}", cost.own_ms, "ms", SMALLEST, least.own_ms, most_ratio=aim
    )
    yield Figure("sync", f"{subject}, {waited}", cost.waited_ms, "ms", SMALLEST, least.waited_ms)
    yield Figure(
        "sync",
        f"{subject}, bytes",
        cost.kilobytes,
        "kB",
        SMALLEST,
        least.kilobytes,
        most_ratio=aim,
    )


def _of_first(size: int, cost: Cost) -> Iterator[Figure]:
    subject = f"first sync of {size:,}"
    most = FIRST_MS if size == SIZES[-1] else None
    yield Figure("sync", f"{subject}, client's processor", cost.own_ms, "ms")
    yield Figure("sync", f"{subject}, server's processor", cost.server_ms, "ms", most=most)
    yield Figure("sync", f"{subject}, waited", cost.waited_ms, "ms")
    yield Figure("sync", f"{subject}, bytes", cost.kilobytes, "kB")
