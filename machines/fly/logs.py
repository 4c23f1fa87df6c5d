"""``python3 machines logs``: the apps' lines, readable, in the order of time."""

import argparse
import json
import queue
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from machines.apps import APPS, App
from machines.failures import Failure
from machines.fly import remote
from machines.fly.flyctl import Flyctl

# `--no-tail` waits for a first line where there is none, so somebody must end it.
PATIENCE_S = 20
# What stands at its own place in a line.
PLACED = {"time", "level", "service", "message", "request_id"}
DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Line:
    """One line of one app."""

    at: str
    app: str
    level: str
    message: str
    machine: str

    @property
    def fields(self) -> dict[str, Any]:
        """What our services said, or nothing for the words of others."""
        try:
            said = json.loads(self.message)
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    @property
    def when(self) -> str:
        """When it was written, by its writer's clock if that is known."""
        return str(self.fields.get("time") or self.at)

    def __str__(self) -> str:
        """Return it as a person reads it."""
        said = self.fields
        at = self.when[:23].replace("T", " ")
        level = str(said.get("level") or self.level).upper()
        rest = [f"{name}={value}" for name, value in said.items() if name not in PLACED]
        words = [str(said.get("message", "")) if said else self.message, *rest]
        request = f" [{said['request_id']}]" if said.get("request_id") else ""
        return f"{at} {self.app:8} {level:7} {' '.join(words)}{request}"


def run(options: argparse.Namespace) -> int:
    """Print the lines that Fly still has, or with ``--follow`` those to come."""
    fly = Flyctl(dry=options.dry_run)
    apps = [app for name, app in APPS.items() if not options.apps or name in options.apps]
    if fly.dry:
        remote.each(fly, apps, lambda app: [*_lines(fly, app, follow=options.follow)])
        return 0
    told = 0
    try:
        for line in _coming(fly, apps) if options.follow else _past(fly, apps):
            if options.request is None or line.fields.get("request_id") == options.request:
                print(harmless(line.message if options.raw else str(line)), flush=True)
                told += 1
    finally:
        fly.end()
    if not told:
        sys.stderr.write("Fly holds no such line (any more): it keeps them for some hours.\n")
    return 0


def harmless(text: str) -> str:
    """Return *text* as one line that tells a terminal nothing: others may have written it."""
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in text)


def entries(text: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a stream of JSON in which one may take several lines."""
    held = ""
    for piece in text:
        held += piece
        while held := held.lstrip():
            try:
                entry, end = DECODER.raw_decode(held)
            except ValueError:
                break
            yield entry
            held = held[end:]


def _past(fly: Flyctl, apps: Sequence[App]) -> Iterable[Line]:
    each = remote.each(fly, apps, lambda app: [*_lines(fly, app, follow=False)])
    return sorted((line for lines in each for line in lines), key=lambda line: line.when)


def _coming(fly: Flyctl, apps: Sequence[App]) -> Iterator[Line]:
    """Yield lines as they come, from all *apps*; end when one of them fails."""
    told: queue.SimpleQueue[Line | Failure | None] = queue.SimpleQueue()

    def listen(app: App) -> None:
        try:
            for line in _lines(fly, app, follow=True):
                told.put(line)
        except Failure as ex:
            told.put(ex)
        told.put(None)

    for app in apps:
        threading.Thread(target=listen, args=(app,), daemon=True).start()
    ended = 0
    while ended < len(apps):
        line = told.get()
        if isinstance(line, Failure):
            raise line
        if line is None:
            ended += 1
        else:
            yield line


def _lines(fly: Flyctl, app: App, *, follow: bool) -> Iterator[Line]:
    how, seconds = ((), None) if follow else (("--no-tail",), PATIENCE_S)
    told = fly.lines("logs", "--app", app.fly_name, "--json", *how, seconds=seconds)
    for entry in entries(told):
        words = (str(entry.get(name, "")) for name in ("level", "message", "instance"))
        yield Line(str(entry.get("timestamp", "")), app.name, *words)
