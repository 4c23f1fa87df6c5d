"""Days on which secrets are due, as a calendar file (RFC 5545): made here, and without values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from .encoding import Broken, parse_u64
from .expiry import EPOCH, Why, due, reminder_day
from .items import Overview

LINE_OCTETS = 75
HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//KeyArc//KeyArc//EN", "CALSCALE:GREGORIAN")
WORDS = {Why.EXPIRES: "expires", Why.ROTATE: "is to be replaced"}
CONTROLS = frozenset(map(chr, (*range(10), *range(11, 32), 127)))
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A secret that may be due: where it is, its id and version, and what its list shows."""

    vault: str
    secret_id: UUID
    version: int
    overview: Overview


def calendar(entries: Iterable[Entry]) -> bytes:
    """Return the file, with a day for each entry that has one.

    The same secret has the same UID in every export, and its version as SEQUENCE: a calendar that
    takes the file in again moves what it has.
    """
    lines = [*HEAD]
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return b"".join(map(_folded, lines))


def _event(entry: Entry) -> list[str]:
    found = due(entry.overview)
    if found is None:
        return []
    name = _text(f"{entry.vault}/{entry.overview.address}")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{entry.secret_id}@keyarc",
        f"SEQUENCE:{entry.version}",
        f"DTSTAMP:{_stamp(entry.overview)}",
        f"DTSTART;VALUE=DATE:{_day(found.day)}",
        f"SUMMARY:{name} {WORDS[found.why]}",
        "TRANSP:TRANSPARENT",
        "CLASS:PRIVATE",
    ]
    if reminder_day(entry.overview) is not None:  # a number of days that leads to none is no span
        alarm = f"TRIGGER:-P{entry.overview.reminder}D"
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{name}", alarm, "END:VALARM"]
    return [*lines, "END:VEVENT"]


def _day(day: date) -> str:
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _stamp(overview: Overview) -> str:
    """Return when the secret was last written: the same export has the same bytes."""
    try:
        at = EPOCH + timedelta(milliseconds=parse_u64(overview.updated_at))
    except (Broken, OverflowError):
        at = EPOCH
    return f"{_day(at)}T{at:%H%M%S}Z"


def _text(words: str) -> str:
    """Return a TEXT: no line of it begins another property."""
    printable = "".join("\ufffd" if one in CONTROLS else one for one in words)
    return printable.translate(ESCAPED)


def _folded(line: str) -> bytes:
    """Return a content line in lines of 75 octets, which never part a character (section 3.1)."""
    folded, length = bytearray(), 0
    for one in line:
        octets = one.encode("utf-8", "replace")
        if length + len(octets) > LINE_OCTETS:
            folded += b"\r\n "
            length = 1
        folded += octets
        length += len(octets)
    return bytes(folded + b"\r\n")
