"""What ``set`` is told of a secret besides its value: kind, tags, days."""

from argparse import Namespace
from dataclasses import replace
from typing import Any

from ..expiry import due, parse_day
from ..items import Overview
from .terminal import Usage

NONE = "none"
MOST_DAYS = 3650


def given(arguments: Namespace) -> dict[str, Any]:
    """Return what is to change of an overview; what was left out stays as it is."""
    told = {
        "kind": arguments.kind,
        "provider": arguments.provider,
        "environment": arguments.environment,
        "tags": tuple(arguments.tag) if arguments.tag else None,
    }
    changes: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    if arguments.expires is not None:
        changes["expires_at"] = _day(arguments.expires)
    if arguments.rotate_days is not None:
        changes["rotate_days"] = _days("--rotate-days", arguments.rotate_days, 1)
    if arguments.remind is not None:
        changes["reminder"] = _days("--remind", arguments.remind, 0)
    return changes


def described(overview: Overview, changes: dict[str, Any]) -> Overview:
    """Return the overview with *changes*, which must fit what it says already."""
    told = replace(overview, **changes)
    if changes.get("reminder") is not None and due(told) is None:
        raise Usage("--remind needs a day to come before: give --expires or --rotate-days too")
    return told


def _day(text: str) -> str | None:
    if text == NONE:
        return None
    try:
        return str(parse_day(text))
    except ValueError as ex:
        raise Usage(f"--expires {text} is not a date such as 2027-06-30") from ex


def _days(option: str, text: str, first: int) -> int | None:
    if text == NONE:
        return None
    if not (text.isascii() and text.isdigit() and first <= int(text) <= MOST_DAYS):
        raise Usage(f"{option} {text} is no number of days from {first} to {MOST_DAYS}")
    return int(text)
