"""One step that takes a while: it says what it does, how far it is, and why it failed."""

import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from machines.failures import Failure


def run(
    title: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    counted: tuple[str, int] | None = None,
    hints: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run *command* under *title*; when it fails its output is in *log*.

    *counted*: with what those lines begin that are progress, and how many will come.
    *hints*: what to say when a word is in the output of a failure; the first that is wins.
    """
    began = time.monotonic()
    _say(f"{title} …")
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        said = _listen(title, process.stdout or (), counted)
    if process.returncode:
        log.parent.mkdir(exist_ok=True)
        log.write_text(said)
        _say(f"{title} … failed", end="\n")
        why = next((hint for word, hint in hints.items() if word in said), f"{title} failed.")
        raise Failure(f"{why} All it said is in {log}.")
    _say(f"{title} … {time.monotonic() - began:.0f} s", end="\n")


def _listen(title: str, lines: Iterable[str], counted: tuple[str, int] | None) -> str:
    """Collect what is said, and count aloud."""
    said: list[str] = []
    done = 0
    for line in lines:
        said.append(line)
        if counted and line.startswith(counted[0]) and sys.stdout.isatty():
            done += 1
            _say(f"{title} … {done} of {counted[1]}")
    return "".join(said)


def _say(text: str, end: str = "") -> None:
    """Write over the line before on a terminal, and line by line elsewhere."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end=end, flush=True)
    else:
        print(text, flush=True)
