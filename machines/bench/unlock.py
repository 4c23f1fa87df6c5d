"""From a password to an open vault, in the Python client; ``browser.py`` does the page.

Derivation is Argon2id and so the same for every vault; opening is everything after that: asking,
verifying the signed history and the whole list, decrypting.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from machines.bench import accounts
from machines.bench.accounts import PASSWORD, Account
from machines.bench.figures import Figure
from shared.keyarc import kdf, seal
from shared.keyarc.encoding import ObjectType

SIZES = (1_000, 10_000)
ROUNDS = 5
MOST_OPEN_MS = 2_000
OVERVIEW_BYTES = 330
BARE = "decrypting alone"

T = TypeVar("T")


def measure() -> Iterator[Figure]:
    """Yield the figures of the client."""
    with accounts.made(SIZES) as account:
        yield from _figures(account)


def _figures(account: Account) -> Iterator[Figure]:
    derive_ms, _ = timed(partial(kdf.stretch, PASSWORD, bytes(16)))
    yield Figure("unlock", "python, derive", derive_ms, "ms")
    login_ms, client = timed(account.log_in)
    yield Figure("unlock", "python, log in", login_ms, "ms", "derive alone", derive_ms)
    for size in SIZES:
        vault = client.vault(str(size))
        bare_ms, _ = timed(partial(_decrypt, size))
        open_ms, view = timed(partial(client.sync, vault.id))
        subject = f"python, open {size:,} secrets"
        yield Figure("unlock", subject, open_ms, "ms", BARE, bare_ms, most=MOST_OPEN_MS)
        values_ms, _ = timed(partial(client.details, view, view.secrets))
        yield Figure("unlock", f"python, read {size:,} values", values_ms, "ms", BARE, bare_ms)


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
