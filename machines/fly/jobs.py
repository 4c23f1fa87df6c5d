"""``python3 machines jobs``: what the clock asks for, run now, on Fly or here."""

import argparse
import os
import re
import subprocess
import sys
import time

from handlers.jobs import run as jobs
from machines.apps import APPS
from machines.failures import Failure
from machines.fly import images, logs, names, remote
from machines.fly.flyctl import ROOT, Flyctl
from machines.fly.table import OWNER

LAUNCHED = re.compile(r"Machine ID: (\S+)")
STATE = re.compile(r"^State: (\w+)", re.MULTILINE)
EXIT = re.compile(r"exit_code=(-?\d+)")
ENDED = {"stopped", "destroyed", "failed"}
POLL_S = 2.0


def run(options: argparse.Namespace) -> int:
    """List the jobs, or run one; its exit code is ours."""
    if options.action == "ls":
        return jobs.main(["ls"])
    if options.name not in jobs.JOBS:
        raise Failure(f"There is no job {options.name}; there are {', '.join(jobs.JOBS)}.")
    if options.local:
        return _run_here(options)
    return _run_there(Flyctl(dry=options.dry_run), options)


def _words(options: argparse.Namespace) -> tuple[str, ...]:
    return ("-m", "handlers.jobs", options.name, *(("--again",) if options.again else ()))


def _run_here(options: argparse.Namespace) -> int:
    command = [sys.executable, *_words(options)]
    if options.dry_run:
        print(" ".join(command))
        return 0
    if not (os.environ.get(OWNER) or os.environ.get("DATABASE_URL")):
        raise Failure(f"--local runs it here, on the database that {OWNER} names: set that.")
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _run_there(fly: Flyctl, options: argparse.Namespace) -> int:
    """Start a machine of the app auth, whose secrets hold the database, and see it end."""
    auth = APPS["auth"]
    serving = remote.current(remote.releases(fly, auth.fly_name))
    if serving is None and not fly.dry:
        raise Failure(f"{auth.fly_name} is not deployed: its image of the jobs comes with it.")
    image = options.image or images.jobs_image(serving)
    fly.tell(f"Running {options.name} with {image} …")
    launched = None
    try:
        for line in fly.lines(
            *("machine", "run", image, "--app", auth.fly_name, "--region", names.region()),
            *("--rm", "--restart", "no", "--detach", "--metadata", f"job={options.name}"),
            *("--vm-size", "shared-cpu-1x", "--vm-memory", "512"),
            # After the dashes nothing is taken for an option of flyctl.
            *("--", "python", *_words(options)),
        ):
            launched = launched or LAUNCHED.search(line)
    except Failure:
        # A job that was quicker than flyctl looks like a machine that did not start.
        if launched is None:
            raise
    if fly.dry:
        return _follow(fly, "MACHINE", 0)
    if launched is None:
        raise Failure("flyctl named no machine: `python3 machines status` may show one.")
    return _follow(fly, launched[1], options.patience)


def _follow(fly: Flyctl, machine: str, patience_s: float) -> int:
    """Wait until *machine* has ended, print its words, return its exit code."""
    app = APPS["auth"].fly_name
    until = time.monotonic() + patience_s
    told = fly.read("machine", "status", machine, "--app", app)
    while not (fly.dry or _ended(told)):
        if time.monotonic() > until:
            raise Failure(f"It still runs, as machine {machine}: `fly logs --app {app}` follows.")
        time.sleep(POLL_S)
        told = fly.read("machine", "status", machine, "--app", app)
    said = fly.lines(
        *("logs", "--app", app, "--instance", machine, "--json", "--no-tail"),
        seconds=logs.PATIENCE_S,
    )
    for entry in logs.entries(said):
        print(f"  {logs.harmless(str(entry.get('message', '')))}")
    if fly.dry:
        return 0
    found = EXIT.search(told)
    code = int(found[1]) if found else 1
    print(f"It ended with {code}.")
    return code


def _ended(told: str) -> bool:
    """Whether the words of ``machine status`` say so, and how."""
    state = STATE.search(told)
    return bool(state and state[1] in ENDED and EXIT.search(told))
