"""How long each app is awake: by the operator's estimate, or by the web server's access log."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from machines.failures import Failure

# Fly's proxy lets a machine sleep some minutes after its last request.
HOLD = timedelta(minutes=6)
DAY = timedelta(days=1)
DEFAULT = "5%"

DATABASE = "database"
OPENING = ("auth", "account", "keys")  # who talks to the database

# Whom a request wakes, by the first prefix that fits: every one comes through the frontend.
TOUCHED = (
    ("/auth/health", ("frontend", "auth")),
    ("/auth", ("frontend", "auth", DATABASE)),
    ("/api/account", ("frontend", "gateway", "account", DATABASE)),
    ("/api/keys", ("frontend", "gateway", "keys", DATABASE)),
    ("/api/warm", ("frontend", "gateway", "account", "keys", DATABASE)),
    ("/api/ready", ("frontend", "gateway", "account", "keys", DATABASE)),
    ("/api", ("frontend", "gateway")),
    ("/", ("frontend",)),
)
CHECK = "/health"  # Fly's own question: it keeps nobody awake

Windows = Sequence[tuple[datetime, datetime]]


def estimated(shares: Iterable[str], apps: Collection[str]) -> dict[str, float]:
    """Read ``5%`` or ``0.05`` for all, and ``keys=1%`` for one, which wins; then the later one."""
    every, each = _share(DEFAULT), dict[str, float]()
    for text in shares:
        app, named, share = text.rpartition("=")
        if not named:
            every = _share(share)
        elif app in apps:
            each[app] = _share(share)
        else:
            raise Failure(f"--duty {text}: there is no app {app}; there are {', '.join(apps)}.")
    duty = dict.fromkeys(apps, every) | each
    return duty | {DATABASE: max(duty[app] for app in OPENING)}


def _share(text: str) -> float:
    number = text.strip()
    try:
        share = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise Failure(f"--duty {text} is no share of the time: 5% or 0.05, from 0% to 100%.")
    return share


def logged(file: Path, apps: Collection[str]) -> dict[str, float]:
    """Return the share of each app, and of the database, in the days that the log tells of."""
    windows: dict[str, list[tuple[datetime, datetime]]] = {app: [] for app in (*apps, DATABASE)}
    for at, path in _requests(file):
        for app in next(names for prefix, names in TOUCHED if path.startswith(prefix)):
            windows[app].append((at, at + HOLD))
    days = {at.date() for at, _ in windows["frontend"]}
    if not days:
        raise Failure(f"{file} has no line with a time and a path, as the web server writes them.")
    begin = datetime.combine(min(days), time(), UTC)
    span = max(days) - min(days) + DAY
    return {app: _length(each, begin, span) / span for app, each in windows.items()}


def _length(windows: Windows, begin: datetime, span: timedelta) -> timedelta:
    """Return how long any of *windows* is open within *span*: those that overlap count once."""
    total, until = timedelta(), begin
    for opened, closed in sorted(windows):
        closes = min(closed, begin + span)
        total += max(closes - max(opened, until), timedelta())
        until = max(until, closes)
    return total


def _requests(file: Path) -> Iterable[tuple[datetime, str]]:
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError as ex:
        raise Failure(f"{file} cannot be read: {ex.strerror}.") from ex
    for line in lines:
        try:
            told = json.loads(line)
            at, path = datetime.fromisoformat(told["time"]).astimezone(UTC), str(told["path"])
        except (KeyError, OverflowError, TypeError, ValueError):
            continue  # the server's other words
        if path.startswith("/") and path != CHECK:
            yield at, path
