"""``python3 machines up``: the whole of KeyArc on one port, until Ctrl-C."""

import argparse
import signal
import time
from types import FrameType
from typing import NoReturn

from machines import environment
from machines.failures import Failure
from machines.stack import Stack


def run(options: argparse.Namespace) -> int:
    """Start, say where, and wait for the end."""
    signal.signal(signal.SIGTERM, _interrupt)
    environment.ensure_page()
    stack = Stack(options.data, options.port, options.database)
    print("Starting …", flush=True)
    with stack:
        try:
            command = environment.VENV / "bin" / "keyarc"
            print(
                f"KeyArc runs at {stack.url} (command line: {command}; Ctrl-C stops it)", flush=True
            )
            while (name := stack.ended()) is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough: it is stopping
            print("\nStopping …", flush=True)
            return 0
        raise Failure(f"{name} stopped by itself; its last words are in {stack.logs / name}.log.")


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
