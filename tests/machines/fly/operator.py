"""An operator's desk: a clone of their own, a small Fly that stands in for the real one."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from machines.environment import ROOT
from tests import repositories
from tests.machines.checks.conftest import as_published

FLYCTL = Path(__file__).with_name("flyctl")
CLONED = ("handlers", "machines", "migrations", "shared", "web", ".github")
FILES = (".dockerignore", ".gitignore", "pyproject.toml", "CHANGELOG.md", "README.md")
MADE = shutil.ignore_patterns("__pycache__", "node_modules", "dist", "test-results")
# The command line of the clone, which takes the packages of this checkout as they are.
COMMAND = """
import sys
sys.path[0] = sys.argv.pop(1)
from machines import commands, environment
environment.python = lambda: sys.executable
sys.exit(commands.main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Operator:
    """Runs commands in the clone ``here``; ``fly`` is the folder of the Fly that they reach."""

    here: Path
    fly: Path

    @classmethod
    def new(cls, folder: Path) -> Self:
        """Clone, and commit as a first commit of their own."""
        here = folder / "clone"
        for name in CLONED:
            shutil.copytree(ROOT / name, here / name, ignore=MADE)
        for name in FILES:
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, here / name)
        # The tests may run in an installation's checkout; a clone begins as it was published.
        for file in (here / "machines").glob("*.toml"):
            file.write_text(as_published(file.read_text()))
        (here / ".venv").symlink_to(ROOT / ".venv")
        (folder / "fly").mkdir()
        operator = cls(here, folder / "fly")
        repositories.begin(here)
        (here / ".git" / "info" / "exclude").write_text(".venv\n")
        operator.commit("clone")
        return operator

    def twin(self, folder: Path) -> Self:
        """Return another one with the same clone and the same Fly, for a test to spoil."""
        shutil.copytree(self.here, folder / "clone", symlinks=True)
        shutil.copytree(self.fly, folder / "fly")
        return type(self)(folder / "clone", folder / "fly")

    def run(
        self, *words: str, given: str = "", **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run one command, as it is said in a terminal after ``python3 machines``."""
        return subprocess.run(
            self._command(*words),
            cwd=self.here,
            env={**self._environment(), **environment},
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command that will not end by itself."""
        return subprocess.Popen(
            self._command(*words),
            cwd=self.here,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", COMMAND, str(self.here), *words]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.fly),
            "FLYCTL": str(FLYCTL),
            "FAKE_FLY": str(self.fly),
            "FLY_API_TOKEN": "given",
        }

    def done(self, *words: str, given: str = "", **environment: str) -> str:
        """Run a command that must succeed; what it printed."""
        ended = self.run(*words, given=given, **environment)
        assert ended.returncode == 0, f"{' '.join(words)}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def failed(self, *words: str, **environment: str) -> str:
        """Run a command that must fail, with a sentence and no traceback; all that it said."""
        ended = self.run(*words, **environment)
        said = ended.stdout + ended.stderr
        assert ended.returncode == 1, said
        assert "Traceback" not in said
        return said

    def calls(self, *beginning: str) -> list[list[str]]:
        """Return the arguments of the runs of flyctl that began like this."""
        words = [entry["argv"] for entry in self.records()]
        return [each for each in words if each[: len(beginning)] == [*beginning]]

    def records(self) -> list[dict[str, Any]]:
        """Return all that was recorded of the runs of flyctl."""
        file = self.fly / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def forget(self) -> None:
        """Forget the runs of flyctl until now."""
        (self.fly / "calls.jsonl").unlink(missing_ok=True)

    def expect(self, match: str, outcome: str, times: int = 1) -> None:
        """Let the runs of flyctl that *match* go wrong."""
        rules = [{"match": match, "outcome": outcome, "times": times}]
        (self.fly / "scenario.json").write_text(json.dumps(rules))

    @property
    def apps(self) -> dict[str, Any]:
        """What this Fly holds, by the names of the apps."""
        apps: dict[str, Any] = json.loads((self.fly / "state.json").read_text())["apps"]
        return apps

    def image(self, app: str) -> str:
        """Return the tag of the image that serves."""
        [machine] = self.apps[app]["machines"]
        return str(machine["image_ref"]["tag"])

    def change(self, path: str, text: str = "\n# changed\n") -> str:
        """Change a file, commit, and return the commit."""
        with (self.here / path).open("a") as file:
            file.write(text)
        return self.commit(f"change {path}")

    def commit(self, message: str) -> str:
        return repositories.commit(self.here, message)

    def git(self, *words: str) -> str:
        return repositories.git(self.here, *words)
