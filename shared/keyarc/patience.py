"""How a client waits when its server asks it to come back later."""

import time
from collections.abc import Callable
from contextvars import ContextVar

LONGEST_UNSEEN_SECONDS = 20
LONGEST_SEEN_SECONDS = 3600

# What shows the seconds of a wait to a person, who can end it; without it a long wait is an error.
SHOWN_BY: ContextVar[Callable[[int], None] | None] = ContextVar("SHOWN_BY", default=None)


def longest_seconds() -> int:
    """Give the longest wait that is kept: longer where somebody sees that there is one."""
    return LONGEST_SEEN_SECONDS if SHOWN_BY.get() else LONGEST_UNSEEN_SECONDS


def wait(seconds: int) -> None:
    """Let the time go by, shown where it can be."""
    (SHOWN_BY.get() or time.sleep)(seconds)
