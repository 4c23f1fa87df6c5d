"""``python3 machines up``: the whole of KeyArc on one port, until Ctrl-C."""

import argparse
import os
import signal
import time
from datetime import datetime
from types import FrameType
from typing import NoReturn

from machines import environment
from machines.failures import Failure
from machines.sleepy.stack import Sleepy
from machines.stack import Stack
from shared import relays
from shared import settings as service_settings

IDLE_S = 30.0
OPTIONAL = ("MAIL_FROM", "RECOVERY_DELAY", "SMTP_URL")


def run(options: argparse.Namespace) -> int:
    """Start, say where, and wait for the end."""
    signal.signal(signal.SIGTERM, _interrupt)
    stack = _stack(options)
    environment.ensure_page()
    print("Starting …", flush=True)
    with stack:
        try:
            command = environment.VENV / "bin" / "keyarc"
            print(
                f"KeyArc runs at {stack.url} (command line: {command}; Ctrl-C stops it)", flush=True
            )
            while (log := stack.ended()) is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough: it is stopping
            print("\nStopping …", flush=True)
            return 0
        raise Failure(f"{log.stem} stopped by itself; its last words are in {log}.")


def _stack(options: argparse.Namespace) -> Stack:
    where = (options.data, options.port, options.database)
    settings = _settings(options)
    if options.sleepy:
        if options.processes > 1 or options.pooled:
            raise Failure(
                "--sleepy has one machine of each service: without --processes, --pooled."
            )
        return Sleepy(
            *where, idle_s=options.idle or IDLE_S, by=options.by, say=_say, settings=settings
        )
    for name in ("idle", "by"):
        if getattr(options, name):
            raise Failure(f"--{name} says how services sleep: it goes with --sleepy.")
    return Stack(*where, processes=options.processes, pooled=options.pooled, settings=settings)


def _settings(options: argparse.Namespace) -> dict[str, str]:
    """Return what the services are told of mail and recovery; fail before anything starts."""
    given = {name: os.environ[name] for name in OPTIONAL if os.environ.get(name)}
    if options.recovery_delay:
        given["RECOVERY_DELAY"] = options.recovery_delay
    try:
        relays.read({"PUBLIC_ORIGIN": "http://localhost", **given})
        service_settings.seconds(given.get("RECOVERY_DELAY", "0s"))
    except SystemExit as ex:
        raise Failure(str(ex)) from None
    except ValueError as ex:
        raise Failure(f"RECOVERY_DELAY: {ex}.") from None
    return given


def _say(line: str) -> None:
    print(f"{datetime.now().astimezone():%H:%M:%S} {line}", flush=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
