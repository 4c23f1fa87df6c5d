"""When a secret is due: it expires, or its value is to be replaced. Days are those of UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from .encoding import Broken, parse_u64
from .items import DATE, Overview

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Why(StrEnum):
    """What happens on the day."""

    EXPIRES = "expires"
    ROTATE = "rotate"


@dataclass(frozen=True, slots=True)
class Due:
    """A day, and why it matters."""

    day: date
    why: Why


def due(overview: Overview) -> Due | None:
    """Return the earlier of expiry and rotation; None for a secret that has neither.

    What another member wrote and is no day counts as none: it must not stop a list.
    """
    found = [
        Due(day, why)
        for why, day in ((Why.EXPIRES, _expiry(overview)), (Why.ROTATE, _rotation(overview)))
        if day is not None
    ]
    return min(found, key=lambda one: one.day, default=None)


def reminder_day(overview: Overview) -> date | None:
    """Return the day on which people want to hear of it, None where they do not."""
    found = due(overview)
    if found is None or overview.reminder is None or overview.reminder < 0:
        return None
    try:
        return found.day - timedelta(days=overview.reminder)
    except OverflowError:
        return None


def today() -> date:
    """Return the day that it is in UTC, by this device's clock."""
    return datetime.now(UTC).date()


def parse_day(text: str) -> date:
    """Return the day of ``2027-06-30``; ValueError for every other spelling."""
    if not DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _expiry(overview: Overview) -> date | None:
    try:
        return parse_day(overview.expires_at or "")
    except ValueError:
        return None


def _rotation(overview: Overview) -> date | None:
    if overview.rotate_days is None or overview.rotate_days < 1:
        return None
    try:
        rotated = EPOCH + timedelta(milliseconds=parse_u64(overview.rotated_at))
        return rotated.date() + timedelta(days=overview.rotate_days)
    except (Broken, OverflowError):
        return None
