"""How long ``keyarc get`` takes from a shell: a process that starts, asks, verifies and prints."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from machines.bench import accounts
from machines.bench.figures import Figure
from machines.failures import Failure

ROUNDS = 9
SIZES = (10, 1_000)
PYTHON = "python -c pass"


def measure() -> Iterator[Figure]:
    """Yield the figures of the command line."""
    with accounts.made(SIZES) as account:
        env = {"PATH": os.environ["PATH"], "KEYARC_HOME": str(account.device.home)}
        installed = str(Path(sys.executable).with_name("keyarc"))
        subjects: dict[str, Sequence[str]] = {
            PYTHON: (sys.executable, "-c", "pass"),
            "keyarc --version": (installed, "--version"),
        }
        for size in SIZES:
            address = f"{size}/team-7/SERVICE_7_API_KEY"
            subjects[f"keyarc get, vault of {size:,}"] = (installed, "get", address)
        taken: dict[str, list[float]] = {subject: [] for subject in subjects}
        for number in range(ROUNDS + 1):
            for subject, command in subjects.items():
                took_ms = _run(command, env)
                if number:  # the first round leaves the bytecode behind
                    taken[subject].append(took_ms)
    medians = {subject: statistics.median(values) for subject, values in taken.items()}
    for subject, value in medians.items():
        if subject != PYTHON:
            yield Figure("cli", subject, value, "ms", PYTHON, medians[PYTHON])


def _run(command: Sequence[str], env: Mapping[str, str]) -> float:
    began = time.perf_counter()
    ended = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True
    )
    if ended.returncode:
        raise Failure(f"{' '.join(command[1:])} failed: {ended.stderr.strip()}")
    return (time.perf_counter() - began) * 1000
