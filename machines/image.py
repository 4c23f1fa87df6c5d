"""``python3 machines image TARGET``: an image's recipe, carried out in a folder without Docker.

What needs the base image itself (its own library, Debian's packages) is told and left out.
"""

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from machines import apps, context, dockerfile, environment
from machines.dockerfile import Recipe, Stage, Step
from machines.failures import Failure

# The interpreter itself, not .venv's: what is installed there must not help.
PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
OF_THE_BASE = "/usr/local/"  # where the base image keeps Python and its library
NO_CACHE = "--no-cache-dir"  # an image has no use for it, the next replay has
BYTECODE = ".pyc"
HEAVIEST = 5
MEGABYTE = 1_000_000
WIDTH = 90


@dataclass(frozen=True)
class Done:
    """One step, how long it took, and why it was left out, if it was."""

    stage: str
    step: Step
    seconds: float
    left_out: str


class Replay:
    """Builds targets of *recipe* below the folder *into*, each stage in a root of its own.

    *arguments* are those of the build, as ``[build.args]`` of a toml gives them.
    """

    def __init__(
        self, into: Path, recipe: Recipe | None = None, arguments: Mapping[str, str] | None = None
    ) -> None:
        self.recipe = recipe or dockerfile.read()
        self.done: list[Done] = []
        self._into = into
        self._checkout = context.of_checkout(environment.ROOT)
        self._arguments = dict(arguments or {})

    def root(self, stage: str) -> Path:
        """Where the files of *stage* are."""
        return self._into / stage

    def build(self, target: str) -> Path:
        """Carry out *target* and every stage that it needs, each once; the root of its files."""
        *below, stage = self.recipe.lineage(target)
        root = self.root(target)
        if root.exists():
            return root
        workdir = "/"
        if below:
            # One file for all stages, until a step puts another in its place.
            base = self.build(below[-1].name)
            shutil.copytree(base, root, copy_function=os.link, symlinks=True)
            workdir = self.recipe.workdir(below[-1].name)
        try:
            self._carry_out_all(stage, workdir)
        except BaseException:
            shutil.rmtree(root, ignore_errors=True)  # a part of an image is none
            raise
        return root

    def command(self, target: str) -> list[str]:
        """What *target* runs, with this machine's interpreter, and that without its packages."""
        step = self.recipe.last(target, "CMD")
        words = list(step.words) if step else []
        return [str(PYTHON), "-S", *words[1:]] if words[:1] == ["python"] else words

    def variables(self, target: str) -> dict[str, str]:
        """What *target* is told of itself, with the places where its files are here."""
        told = self.recipe.environment(target).items()
        return {name: _placed(value, self.root(target)) for name, value in told}

    def folder(self, target: str) -> Path:
        """Where *target* runs."""
        return _inside(self.root(target), self.recipe.workdir(target))

    def _carry_out_all(self, stage: Stage, workdir: str) -> None:
        for step in stage.steps:
            if needed := step.flags.get("from"):
                self.build(needed)
            if step.name == "WORKDIR":
                workdir = step.words[0]
            began = time.monotonic()
            _inside(self.root(stage.name), workdir).mkdir(parents=True, exist_ok=True)
            why = self._carry_out(step, stage.name, workdir)
            self.done.append(Done(stage.name, step, time.monotonic() - began, why))

    def _carry_out(self, step: Step, stage: str, workdir: str) -> str:
        """Do what can be done of *step* here; why not, if it cannot."""
        if step.name == "COPY":
            self._copy(step, self.root(stage), workdir)
        if step.name != "RUN":
            return ""
        words = [dockerfile.filled(word, self._arguments) for word in step.words]
        if any(word.startswith(OF_THE_BASE) for word in words):
            return "concerns the base image"
        if words[0] == "apt-get":
            return "Debian's packages"
        root = self.root(stage)
        programs = {"python": str(PYTHON), "npm": str(environment.VENV / "bin" / "npm")}
        env = {**environment.with_node(), **self.variables(stage)}
        command = [programs.get(words[0], words[0]), *(_placed(word, root) for word in words[1:])]
        if words[:3] == ["python", "-m", "pip"]:
            command = [sys.executable, *(word for word in command[1:] if word != NO_CACHE)]
        _run(command, step, _inside(root, workdir), env)
        return ""

    def _copy(self, step: Step, root: Path, workdir: str) -> None:
        *sources, target = step.words
        stage = step.flags.get("from")
        files = context.Files(self.root(stage)) if stage else self._checkout
        found = [each for source in sources for each in files.named(source)]
        if not all(map(files.named, sources)):
            raise Failure(f"Dockerfile:{step.line}: there is nothing to copy: {step}.")
        to = _inside(root, str(PurePosixPath(workdir) / target))
        folder = target.endswith("/") or len(found) > 1
        for path, place in found:
            into = to / (place or PurePosixPath(path).name) if place or folder else to
            into.parent.mkdir(parents=True, exist_ok=True)
            into.unlink(missing_ok=True)
            if stage:
                os.link(files.root / path, into, follow_symlinks=False)
            else:
                shutil.copy2(files.root / path, into)


def run(options: argparse.Namespace) -> int:
    """Build ``options.target`` in ``options.into``, else in a folder that is gone afterwards."""
    target: str = options.target
    arguments = {}
    if target in apps.APPS and apps.APPS[target].toml.exists():
        arguments = apps.APPS[target].settings.get("build", {}).get("args", {})
    with tempfile.TemporaryDirectory(prefix="keyarc-image-") as folder:
        into = Path(options.into or folder)
        into.mkdir(parents=True, exist_ok=True)
        if any(into.iterdir()):
            raise Failure(f"{into} is not empty: name a new folder.")
        replay = Replay(into.resolve(), arguments=arguments)
        root = replay.build(target)
        tell(replay, target)
        if options.into:
            print(f"\nIts files are in {root}.")
    return 0


def files_of(root: Path) -> dict[str, int]:
    """Every file below *root* with its size."""
    return {
        path.relative_to(root).as_posix(): path.lstat().st_size
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def heaviest(files: Mapping[str, int], count: int = HEAVIEST) -> list[tuple[str, int]]:
    """The folders or packages that weigh most: three parts of a path name one."""
    sums: dict[str, int] = {}
    for path, size in files.items():
        name = "/".join(path.split("/")[:3])
        sums[name] = sums.get(name, 0) + size
    return sorted(sums.items(), key=lambda each: each[1], reverse=True)[:count]


def tell(replay: Replay, target: str) -> None:
    """Print what was done for *target*, and what came of it."""
    recipe = replay.recipe
    for stage, steps in itertools.groupby(replay.done, key=lambda done: done.stage):
        print(f"{stage}, upon {recipe.stages[stage].base.partition('@')[0]}")
        for done in steps:
            how = f"not here: {done.left_out}" if done.left_out else f"{done.seconds:.1f} s"
            print(f"  {textwrap.shorten(str(done.step), WIDTH, placeholder=' …'):{WIDTH}}  {how}")
    files = files_of(replay.root(target))
    bytecode = sum(size for path, size in files.items() if path.endswith(BYTECODE))
    size = sum(files.values()) / MEGABYTE
    print(f"{len(files)} files, {size:.1f} MB upon the base, {bytecode / MEGABYTE:.1f} of bytecode")
    for name, weight in heaviest(files):
        print(f"  {weight / MEGABYTE:6.1f} MB  {name}")
    user, command = recipe.last(target, "USER"), recipe.last(target, "CMD")
    if user and command:
        print(f"runs as {user.text}: {' '.join(command.words)}")


def _run(command: Sequence[str], step: Step, folder: Path, env: Mapping[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=env,
        umask=0o022,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"Dockerfile:{step.line}: {step}\n{done.stdout.strip()}")


def _inside(root: Path, path: str) -> Path:
    """Where the absolute *path* of an image is below *root*."""
    return root / path.strip("/")


def _placed(word: str, root: Path) -> str:
    """Put *word*, or what follows its ``=``, below *root* if it is an absolute path."""
    name, sign, value = word.rpartition("=")
    return f"{name}{sign}{_inside(root, value)}" if value.startswith("/") else word
