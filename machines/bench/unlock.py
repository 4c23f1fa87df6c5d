"""From a password to an open vault, in the Python client and in the page.

Derivation is Argon2id and so the same for every vault; opening is everything after that: asking,
verifying the signed history and the whole list, decrypting.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from machines import environment
from machines.bench import accounts, browser
from machines.bench.accounts import PASSWORD, Account
from machines.bench.figures import Figure
from shared.keyarc import kdf, seal
from shared.keyarc.encoding import ObjectType

SIZES = (1_000, 10_000)
ROUNDS = 5
MOST_OPEN_MS = 2_000
MOST_ROWS_MS = {1_000: 600, 10_000: 2_000}
MOST_TASK_MS = 50
OVERVIEW_BYTES = 330
BARE = "decrypting alone"

T = TypeVar("T")


def measure() -> Iterator[Figure]:
    """Yield the figures of both clients, for a vault of each size."""
    environment.ensure_page()
    derive_ms, _ = timed(partial(kdf.stretch, PASSWORD, bytes(16)))
    yield Figure("unlock", "python, derive", derive_ms, "ms")
    for size in SIZES:
        bare_ms, _ = timed(partial(_decrypt, size))
        with accounts.made((size,)) as account:
            yield from _of_client(account, size, bare_ms)
            yield from _of_page(account, size, bare_ms)


def _of_client(account: Account, size: int, bare_ms: float) -> Iterator[Figure]:
    client = account.log_in()
    vault = client.vault(str(size))
    open_ms, view = timed(partial(client.sync, vault.id))
    subject = f"python, open {size:,} secrets"
    yield Figure("unlock", subject, open_ms, "ms", BARE, bare_ms, most=MOST_OPEN_MS)
    values_ms, _ = timed(partial(client.details, view, view.secrets))
    yield Figure("unlock", f"python, read {size:,} values", values_ms, "ms", BARE, bare_ms)


def _of_page(account: Account, size: int, bare_ms: float) -> Iterator[Figure]:
    parts = dict(browser.unlock(account))
    rows_ms, task_ms = parts.pop(browser.CLICK_TO_ROWS), parts.pop(browser.LONGEST_TASK)
    for part, ms in parts.items():
        yield Figure("unlock", f"browser, {part} {size:,}", ms, "ms", BARE, bare_ms)
    subject = f"browser, {browser.CLICK_TO_ROWS} {size:,}"
    yield Figure("unlock", subject, rows_ms, "ms", BARE, bare_ms, most=MOST_ROWS_MS[size])
    subject = f"browser, the same without derive {size:,}"
    after_ms = rows_ms - parts["derive"]
    yield Figure("unlock", subject, after_ms, "ms", BARE, bare_ms, most=MOST_OPEN_MS)
    subject = f"browser, {browser.LONGEST_TASK} {size:,}"
    yield Figure("unlock", subject, task_ms, "ms", most=MOST_TASK_MS)


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Return the median milliseconds of some calls, and what the last one gave."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = call()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), result


def _decrypt(size: int) -> None:
    key, context = bytes(32), (bytes(16), bytes(16), bytes(8), bytes(8))
    blob = seal.seal(key, ObjectType.SECRET_OVERVIEW, context, bytes(OVERVIEW_BYTES))
    for _ in range(size):
        seal.open(key, ObjectType.SECRET_OVERVIEW, context, blob)
