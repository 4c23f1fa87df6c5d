"""The command as a person or a program starts it: a process, with a home of its own."""

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INSTALLED = Path(sys.executable).with_name("keyarc")
COMMAND = [str(INSTALLED)] if INSTALLED.exists() else [sys.executable, "-m", "shared.keyarc.cli"]
PATIENCE_S = 60

Typed = str | Callable[[str], str]
Talk = Sequence[tuple[str, Typed]]


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The object of ``--json``, whose version is checked."""
        found = json.loads(self.out)
        assert found["keyarc"] == 1
        return found


@dataclass
class Keyarc:
    """Runs ``keyarc`` on one device, without a terminal unless `on_terminal` is called."""

    home: Path
    server: str
    email: str
    password: str = "correct horse battery staple"
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the process gets: nothing of the person who runs the tests but PATH."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "KEYARC_HOME": str(self.home),
            "KEYARC_SERVER": self.server,
            "KEYARC_EMAIL": self.email,
            "KEYARC_PASSWORD": self.password,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **self.variables,
        }

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command and let it run."""
        return subprocess.Popen(
            [*COMMAND, *words],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *words: str, given: bytes = b"", code: int = 0) -> Result:
        """Run a command to its end, which must be *code*."""
        with self.start(*words) as process:
            try:
                out, err = process.communicate(given, timeout=PATIENCE_S)
            finally:
                process.kill()
        result = Result(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in result.err
        assert result.code == code, result
        return result

    def on_terminal(self, *words: str, talk: Talk, code: int = 0) -> Result:
        """Run a command on a terminal of its own; *talk* has prompts and what is typed then.

        What is typed may be made of what the command has shown since the answer before.
        """
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *COMMAND, *words],
            env=self.environment,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            try:
                shown = "".join(_answer(ours, prompt, typed) for prompt, typed in talk)
                out, _ = process.communicate(timeout=PATIENCE_S)
            finally:
                process.kill()
        result = Result(process.returncode, out.decode(), shown + _rest(ours))
        os.close(ours)
        assert result.code == code, result
        return result


# Makes the terminal on standard input the one that Ctrl-C is typed on.
TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def _answer(terminal: int, prompt: str, typed: Typed) -> str:
    """Type once *prompt* stands on the terminal, as a person does."""
    shown = b""
    while prompt.encode() not in shown:
        ready, _, _ = select.select([terminal], [], [], PATIENCE_S)
        assert ready, f"{prompt} never came: {shown!r}"
        shown += os.read(terminal, 65536)
    text = typed if isinstance(typed, str) else typed(shown.decode())
    os.write(terminal, text.encode())
    return shown.decode()


def _rest(terminal: int) -> str:
    """Read what was shown on a terminal that nobody writes to any more."""
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            return shown.decode()
        if not part:
            return shown.decode()
        shown += part
