"""What a service is told by its environment."""

from collections.abc import Callable, Mapping
from typing import TypeVar

Setting = TypeVar("Setting")


def setting(environ: Mapping[str, str], name: str, read: Callable[[str], Setting]) -> Setting:
    """Return what *read* makes of a variable; without a good one the boot stops with its name."""
    value = environ.get(name, "")
    if not value:
        raise SystemExit(f"{name} is not set.")
    try:
        return read(value)
    except ValueError as ex:
        raise SystemExit(f"{name}: {ex}.") from None
