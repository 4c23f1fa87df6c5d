"""``expiring``: what is due soon, as a list and as a calendar file."""

import os
import sys
from argparse import Namespace
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .. import profile, reminders
from ..calendars import Entry, calendar
from ..client import Client
from ..errors import Untold
from ..expiry import Due, Why, due, reminder_day, today
from ..vaults import Vault
from .home import by_token, open_client, open_reader
from .terminal import Usage, emit, note, shown, table
from .tokens import SPAN, UNITS

SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class Found:
    """A secret that is due."""

    entry: Entry
    due: Due

    def left(self, now: date) -> int:
        """Days until it is due; fewer than none where it was."""
        return (self.due.day - now).days


def show(arguments: Namespace) -> None:
    """List what is due, the first day first; write a calendar where it is asked for."""
    within = _within(arguments)
    if arguments.json and arguments.ics == "-":
        raise Usage("--json and --ics - would both print: name a file")
    client, now = open_reader(), today()
    vaults = [client.vault(arguments.vault)] if arguments.vault else client.vaults()
    found = [one for vault in vaults for one in _due(client, vault)]
    found = [one for one in found if within is None or one.left(now) <= within]
    found.sort(key=lambda one: (one.due.day, one.entry.vault, one.entry.overview.address))
    if arguments.ics is not None:
        _write(arguments.ics, calendar(one.entry for one in found))
    if arguments.json:
        emit({"today": str(now), "secrets": [_media(one, now) for one in found]})
    elif arguments.ics is None:
        _print(found, now, within)


def switch(arguments: Namespace) -> None:
    """Switch the letters about reminders on or off."""
    wanted = arguments.state == "on"
    connection = open_client().opened.connection
    profile.switch_reminders(connection, wanted=wanted)
    note(f"Letters about reminders are {arguments.state}.")


def _within(arguments: Namespace) -> int | None:
    """Return the days to look ahead; a calendar has everything unless it is told otherwise."""
    text = arguments.within
    if text is None:
        return SOON_DAYS if arguments.ics is None else None
    span = SPAN.fullmatch(text)
    if span is None or span[2] not in "dw":
        raise Usage(f"--within {text} is not like 30d or 6w")
    return timedelta(**{UNITS[span[2]]: int(span[1])}).days


def _due(client: Client, vault: Vault) -> list[Found]:
    view = client.sync(vault.id)
    try:
        if not by_token():
            reminders.settle(client, view)
    except Untold as ex:  # what is due is known all the same
        cause = ex.__cause__
        note(f"keyarc: the server was not told the days of {shown(vault.name)}: {cause}.")
    entries = (
        Entry(vault.name, one.id, one.put.version, one.overview) for one in view.secrets.values()
    )
    return [Found(entry, known) for entry in entries if (known := due(entry.overview))]


def _write(name: str, content: bytes) -> None:
    if name == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    # Names of secrets are nobody else's business, on a device with several people too.
    descriptor = os.open(Path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    note(f"Wrote {name}. It has names and days, and no values.")


def _print(found: list[Found], now: date, within: int | None) -> None:
    if not found:
        note(f"Nothing is due within {within} days.")
        return
    rows: list[tuple[str, ...]] = [("SECRET", "DUE (UTC)", "IN", "WHY", "REMINDER")]
    for one in found:
        left, remind = one.left(now), reminder_day(one.entry.overview)
        rows.append(
            (
                shown(f"{one.entry.vault}/{one.entry.overview.address}"),
                str(one.due.day),
                f"{left} d" if left >= 0 else f"{-left} d ago",
                "expires" if one.due.why is Why.EXPIRES else "rotate",
                "-" if remind is None else str(remind),
            )
        )
    table(rows)


def _media(one: Found, now: date) -> dict[str, Any]:
    overview = one.entry.overview.media()
    del overview["fingerprints"]
    remind = reminder_day(one.entry.overview)
    return {
        "vault": one.entry.vault,
        "id": str(one.entry.secret_id),
        "version": one.entry.version,
        **overview,
        "due": str(one.due.day),
        "why": one.due.why.value,
        "days_left": one.left(now),
        "reminder_day": None if remind is None else str(remind),
    }
