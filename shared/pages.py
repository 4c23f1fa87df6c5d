"""Keyset pages: ``{items, next}``, and where the next one begins."""

from collections.abc import Sequence
from typing import Any

from falcon import Request

from shared import problems
from shared.keyarc import encoding


def number(req: Request, name: str, default: int = 0) -> int:
    """Return a query parameter that is a decimal number below 2^63."""
    values = req.get_param_as_list(name)
    if not values:
        return default
    try:
        (text,) = values
        return encoding.parse_u64(text)
    except (ValueError, encoding.Broken) as ex:
        raise problems.Invalid({name: ["Not a decimal number."]}) from ex


def since(req: Request) -> int:
    """Return the commit after which the asker wants to know what changed."""
    return number(req, "since")


def after(req: Request) -> int:
    """Return the number of the last item that the asker has."""
    return number(req, "after")


def page(items: Sequence[Any], following: int | None = None) -> dict[str, Any]:
    """Return one page; *following* is what ``after`` must say for the next one."""
    return {"items": items, "next": None if following is None else str(following)}
