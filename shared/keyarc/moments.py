"""Moments of a server's answer: RFC 3339 with a zone, told on as they came."""

from datetime import MAXYEAR, datetime
from typing import Any

from .answers import field, text
from .encoding import Broken


def moment(media: Any, name: str) -> str:
    """Give a moment that must be there."""
    found = text(media, name)
    parse_moment(found)
    return found


def moment_or_none(media: Any, name: str) -> str | None:
    """Give a moment, or None where the answer says null."""
    return None if field(media, name) is None else moment(media, name)


def parse_moment(found: str) -> datetime:
    """Give the moment that a text names."""
    try:
        parsed = datetime.fromisoformat(found)
    except ValueError as ex:
        raise Broken from ex
    # the first and the last year have moments that are in no year of another zone
    if parsed.tzinfo is None or not found.isascii() or not 1 < parsed.year < MAXYEAR:
        raise Broken
    return parsed
