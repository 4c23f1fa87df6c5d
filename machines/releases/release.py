"""``python3 machines release``: a commit and a tag. Publishing begins when the tag is pushed."""

import argparse
import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from machines.environment import ROOT
from machines.failures import Failure
from machines.releases import changelog
from machines.releases.changelog import Commit

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
STATED = re.compile(r'^version = "(.+)"$', re.MULTILINE)
BRANCHES = "release/"


def run(options: argparse.Namespace) -> int:
    """Make VERSION out of this checkout, or only say what that would be."""
    version: str = options.version.removeprefix("v")
    if not VERSION.fullmatch(version):
        raise Failure(f"{options.version} is no version: three numbers, like 0.2.0.")
    checkout = Checkout(ROOT)
    if options.notes:
        options.notes.write_text(checkout.notes(version))
        return 0
    text, section = checkout.drafted(version)
    problems = list(checkout.problems(version))
    if options.dry_run:
        print(section)
        print("\n".join(f"# in the way of a real run: {problem}" for problem in problems))
        return 0
    if problems:
        raise Failure("\n".join(problems))
    checkout.make(version, text)
    print(f"This is {version}, here. It is published when the tag arrives:")
    print(f"    git push origin {checkout.branch}")
    print(f"    git push origin v{version}")
    return 0


class Checkout:
    """A repository with a pyproject.toml and a CHANGELOG.md."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._project = folder / "pyproject.toml"
        self._changelog = folder / "CHANGELOG.md"

    @property
    def branch(self) -> str:
        """Where HEAD is; empty where it is on none."""
        return self._git("branch", "--show-current").strip()

    @property
    def stated(self) -> str:
        """The version that it says it is."""
        found = STATED.search(self._project.read_text())
        if found is None:
            raise Failure("pyproject.toml states no version.")
        return found[1]

    def problems(self, version: str) -> Iterator[str]:
        """Give a sentence for each thing that is in the way of making *version*."""
        if not self.branch.startswith(BRANCHES):
            yield f"Releases come from their own branch: `git switch -c {BRANCHES}{version}`."
        if self._git("status", "--porcelain").strip():
            yield "The checkout has changes that are in no commit."
        if self._git("tag", "--list", f"v{version}").strip():
            yield f"There is a tag v{version}: a version is made once."
        if _numbers(version) < _numbers(self.stated):
            yield f"{version} is older than {self.stated}."

    def drafted(self, version: str) -> tuple[str, str]:
        """Return the CHANGELOG.md that *version* will have, and its section."""
        today = dt.datetime.now(dt.UTC).date().isoformat()
        found = changelog.changes(self._commits())
        try:
            text = changelog.with_section(self._changelog.read_text(), version, today, found)
        except ValueError as ex:
            raise Failure(f"CHANGELOG.md has no line `{ex}`.") from ex
        return text, changelog.section(text, version) or ""

    def make(self, version: str, text: str) -> None:
        """Commit number and section, and tag that."""
        self._changelog.write_text(text)
        stated = STATED.sub(f'version = "{version}"', self._project.read_text(), count=1)
        self._project.write_text(stated)
        files = [self._changelog.name, self._project.name]
        self._git("commit", "--quiet", f"--message=chore(release): {version}", "--", *files)
        self._git("tag", "--annotate", f"--message=KeyArc {version}", f"v{version}")

    def notes(self, version: str) -> str:
        """Return what changed in *version*, which this checkout must be."""
        if self.stated != version:
            raise Failure(f"pyproject.toml says {self.stated}, and not {version}.")
        section = changelog.section(self._changelog.read_text(), version)
        if section is None:
            raise Failure(f"CHANGELOG.md has no section `## [{version}] - YYYY-MM-DD`.")
        return section

    def _commits(self) -> list[Commit]:
        """Return those since the last release, the newest first."""
        tags = self._git("tag", "--list", "v*", "--merged", "HEAD", "--sort=-version:refname")
        since = [f"{tags.split()[0]}..HEAD"] if tags.split() else ["HEAD"]
        told = self._git("log", "--no-merges", "--format=%s%x00%b%x01", *since)
        texts = [text.lstrip("\n") for text in told.split("\x01")]
        return [Commit(*text.split("\x00", 1)) for text in texts if text]

    def _git(self, *arguments: str) -> str:
        command = ["git", *arguments]
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failure(f"`git {arguments[0]}` failed here: {done.stderr.strip()}")
        return done.stdout


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
