"""Runs ``flyctl``: secrets by standard input only, failures as sentences, dry runs as print-outs.

What is known of it here was read in its documentation and source, from v0.4.80 on.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from machines.failures import Failure

ROOT = Path(__file__).parents[2]
QUICK_S = 120.0
SLOW_S = 1800.0  # a build, a migration, and two waits of five minutes

MISSING = (
    "The program flyctl is missing: https://fly.io/docs/flyctl/install/ tells how to get it "
    "(the variable FLYCTL may say where it is)."
)
# By the first of these that is in what it says.
HINTS = (
    (
        "no access token available|not authenticated|must be authenticated",
        "Fly does not know who you are: run `fly auth login`, or set FLY_API_TOKEN.",
    ),
    (
        "unauthorized|not authorized|permission denied",
        "Fly refuses: this token (FLY_API_TOKEN, or that of `fly auth login`) may not do it.",
    ),
    (
        "name has already been taken",
        "The name is taken on Fly, by somebody: `python3 machines create --prefix NAME` helps.",
    ),
    (
        "must be specified when not running interactively",
        "Fly asks whose apps they are: `--org` says it, `fly orgs list` which there are.",
    ),
    (
        "could not find app|app not found",
        "There is no such app on Fly: `python3 machines create` makes it.",
    ),
    (
        "release_command.*(failed|exited)",
        "The migration failed, so nothing was deployed; its words stand above.",
    ),
    (
        "green machines to be healthy|unhealthy|failing health checks?",
        "The new machine does not become healthy; `python3 machines logs` has its words.",
    ),
    (
        "no such host|connection refused|network is unreachable|no route to host",
        "Fly cannot be reached: is there a network?",
    ),
    (
        "timeout|timed out|deadline exceeded",
        "Fly did not answer in time: try again; https://status.flyio.net tells of its troubles.",
    ),
)
# The program needs none of these, and they hold what nobody else has to know.
OURS = re.compile("(DIRECT_)?DATABASE_URL|JWT_SECRET|(AWS|BACKUP|PG)[A-Z_]*")
NOTHING: Mapping[str, str] = MappingProxyType({})


class Late(Failure):
    """It took longer than it may."""


class Flyctl:
    """The program; with *dry* every command is printed instead: nothing is asked or changed."""

    def __init__(self, *, dry: bool = False) -> None:
        self.dry = dry
        self._program = "flyctl" if dry else find()
        self._running: set[subprocess.Popen[str]] = set()

    def tell(self, text: str) -> None:
        """Say what is being done; a dry run says it as a comment among its commands."""
        print(
            "\n".join(f"# {line}" for line in text.splitlines()) if self.dry else text, flush=True
        )

    def ask(self, *arguments: str, otherwise: Any) -> Any:
        """Return the JSON that it prints; a dry run knows nothing and returns *otherwise*."""
        if self._told(arguments):
            return otherwise
        said = self._run(arguments)
        try:
            return json.loads(said or "null")
        except ValueError as ex:
            raise Failure(
                f"`flyctl {shlex.join(arguments)}` printed no JSON: `fly version upgrade` may help."
            ) from ex

    def read(self, *arguments: str) -> str:
        """Return what it prints, which may be secret; nothing in a dry run."""
        return "" if self._told(arguments) else self._run(arguments)

    def change(self, *arguments: str, secrets: Mapping[str, str] = NOTHING) -> None:
        """Change something; *secrets* go to its standard input, one NAME=VALUE a line."""
        if not self._told(arguments, secrets):
            self._run(arguments, secrets)

    def follow(self, *arguments: str, seconds: float = SLOW_S) -> None:
        """Change something that takes a while, and pass on what is said meanwhile."""
        if not self._told(arguments):
            for line in self._lines(arguments, seconds, together=True):
                print(f"  {line}", end="", flush=True)

    def lines(self, *arguments: str, seconds: float | None = None) -> Iterator[str]:
        """Yield what it prints as it comes, for *seconds* at most."""
        if not self._told(arguments):
            with suppress(Late):
                yield from self._lines(arguments, seconds)

    def end(self) -> None:
        """End what still runs, in whatever thread: nothing is left behind by who is interrupted."""
        for process in [*self._running]:
            process.terminate()

    def _lines(
        self, arguments: tuple[str, ...], seconds: float | None, *, together: bool = False
    ) -> Iterator[str]:
        """Yield its output, *together* with its errors; raise when it fails or is Late."""
        said: list[str] = []
        with (
            tempfile.TemporaryFile("w+", errors="replace") as errors,
            self._started(arguments, subprocess.STDOUT if together else errors) as process,
        ):
            timer = threading.Timer(seconds or threading.TIMEOUT_MAX, process.terminate)
            timer.daemon = True
            timer.start()
            try:
                for line in process.stdout or ():
                    said.append(line)
                    yield line
                code = process.wait()
            finally:
                late = timer.finished.is_set()
                timer.cancel()
            if late:
                raise Late(_sentence(arguments, "timed out"))
            if code:
                errors.seek(0)
                raise Failure(_sentence(arguments, "".join(said) if together else errors.read()))

    def _run(self, arguments: tuple[str, ...], secrets: Mapping[str, str] = NOTHING) -> str:
        """Return its output; what it was given as secrets is in no error."""
        lines = "".join(f"{name}={value}\n" for name, value in secrets.items())
        with self._started(arguments, subprocess.PIPE, subprocess.PIPE) as process:
            try:
                out, errors = process.communicate(lines, QUICK_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failure(_sentence(arguments, "timed out")) from None
        if process.returncode:
            # It quotes a line that it cannot read.
            for piece in "\n".join(secrets.values()).split():
                errors = errors.replace(piece, "…")
            raise Failure(_sentence(arguments, errors))
        return out

    @contextmanager
    def _started(
        self,
        arguments: tuple[str, ...],
        errors: int | IO[str],
        given: int = subprocess.DEVNULL,
    ) -> Iterator["subprocess.Popen[str]"]:
        environment = {
            name: value for name, value in os.environ.items() if not OURS.fullmatch(name)
        }
        with subprocess.Popen(
            [self._program, *arguments],
            cwd=ROOT,
            env={**environment, "NO_COLOR": "1"},
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
        ) as process:
            self._running.add(process)
            try:
                yield process
            except BaseException:
                process.terminate()
                raise
            finally:
                self._running.discard(process)

    def _told(self, arguments: tuple[str, ...], secrets: Mapping[str, str] = NOTHING) -> bool:
        """In a dry run, print the command; of secrets their names."""
        if self.dry:
            given = f"  # on its standard input: {', '.join(secrets)}" if secrets else ""
            print(f"flyctl {shlex.join(arguments)}{given}", flush=True)
        return self.dry


def find() -> str:
    """Return the path of the program."""
    home = Path.home() / ".fly" / "bin"
    named = os.environ.get("FLYCTL")
    names = [named] if named else ["flyctl", "fly", str(home / "flyctl"), str(home / "fly")]
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise Failure(MISSING)
    return found


def _sentence(arguments: tuple[str, ...], said: str) -> str:
    """Return what helps, and of what was said the line that tells the error."""
    hint = next((hint for sign, hint in HINTS if re.search(sign, said, re.IGNORECASE)), "")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    error = next(
        (line for line in reversed(lines) if line.startswith("Error")), *lines[-1:] or [""]
    )
    command = " ".join(arguments[:2])
    return f"{hint} " * bool(hint) + f"(`flyctl {command}`: {error.removeprefix('Error: ')})"
