"""Moments of signed changes, as this device's clock tells them, and as JSON has them."""

from datetime import UTC, datetime, tzinfo


def at(time_ms: int) -> str:
    """Give a moment to the minute; an author's clock may have told any number."""
    moment = _moment(time_ms, None)
    return f"{moment:%Y-%m-%d %H:%M}" if moment else f"{time_ms} ms"


def rfc3339(time_ms: int) -> str | None:
    """Give a moment as the server writes its own, None where there is no such day."""
    moment = _moment(time_ms, UTC)
    return moment.isoformat(timespec="milliseconds") if moment else None


def _moment(time_ms: int, zone: tzinfo | None) -> datetime | None:
    """Give a moment in a zone, or with None in this device's."""
    try:
        return datetime.fromtimestamp(time_ms / 1000, zone)
    except (OverflowError, ValueError, OSError):
        return None
