"""What a service is told by its environment."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

Setting = TypeVar("Setting")

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
DURATION = re.compile(r"(\d{1,6})([smhd])", re.ASCII)


def setting(environ: Mapping[str, str], name: str, read: Callable[[str], Setting]) -> Setting:
    """Return what *read* makes of a variable; without a good one the boot stops with its name."""
    value = environ.get(name, "")
    if not value:
        raise SystemExit(f"{name} is not set.")
    try:
        return read(value)
    except ValueError as ex:
        raise SystemExit(f"{name}: {ex}.") from None


def seconds(text: str) -> int:
    """Return a duration such as ``0s``, ``30m`` or ``24h`` in seconds; else raise ValueError."""
    found = DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration like 0s, 30m or 24h")
    return int(found[1]) * SECONDS[found[2]]
