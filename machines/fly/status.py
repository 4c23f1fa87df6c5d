"""``python3 machines status``: what runs, what sleeps, and since when. Wakes nobody."""

import argparse
import json
from dataclasses import asdict, dataclass

from machines.apps import APPS, App
from machines.fly import remote
from machines.fly.flyctl import Flyctl

COLUMNS = ("app", "state", "region", "release", "health", "deployed", "image")


@dataclass(frozen=True)
class Status:
    """One app: ``state`` counts its machines, ``health`` the checks of those awake."""

    app: str
    state: str
    region: str
    release: str
    health: str
    deployed: str
    image: str
    machines: int
    jobs: int


def run(options: argparse.Namespace) -> int:
    """Print a line for each app, or JSON; 1 if one is not deployed or not healthy."""
    fly = Flyctl(dry=options.dry_run)
    told = remote.each(fly, [*APPS.values()], lambda app: _status(fly, app))
    if fly.dry:
        return 0
    if options.json:
        print(json.dumps({"apps": [asdict(each) for each in told]}))
    else:
        _print_table(told)
    return 0 if all(each.machines and "failing" not in each.health for each in told) else 1


def _status(fly: Flyctl, app: App) -> Status:
    machines = remote.machines(fly, app.fly_name)
    serving = remote.current(remote.releases(fly, app.fly_name))
    deployed = [each for each in machines if each.release]
    states = [each.sleep for each in deployed]
    checked = [each for each in deployed if each.checks and each.sleep == "awake"]
    # `failed` is none of both: it neither runs nor can be woken.
    lost = [each for each in deployed if each.sleep not in {"awake", "asleep"}]
    failing = len(lost) + sum(each.passing < each.checks for each in checked)
    return Status(
        app.fly_name,
        ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states))) or "none",
        ", ".join(sorted({each.region for each in deployed})),
        f"v{serving.version}" if serving else "",
        f"{failing} failing" if failing else "passing" if checked else "",
        serving.at[:19].replace("T", " ") if serving else "never",
        serving.image.rpartition(":")[2] if serving else "",
        len(deployed),
        len(machines) - len(deployed),
    )


def _print_table(told: list[Status]) -> None:
    # Of a commit as many digits as git shows.
    rows = [COLUMNS, *([str(getattr(each, name))[:19] for name in COLUMNS] for each in told)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    if jobs := sum(each.jobs for each in told):
        print(f"{jobs} machine(s) of jobs besides.")
