"""Reads the Dockerfile: the part of its language that ours uses, and a failure for any other."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from machines.failures import Failure

DOCKERFILE = Path(__file__).with_name("Dockerfile")
KNOWN = frozenset(
    {"ARG", "CMD", "COPY", "ENV", "EXPOSE", "FROM", "RUN", "STOPSIGNAL", "USER", "WORKDIR"}
)
_FLAG = re.compile(r"--([a-z]+)=(\S+)\s+")
_VARIABLE = re.compile(r"\$(?:{(\w+)}|(\w+))")


@dataclass(frozen=True)
class Step:
    """One instruction, with the number of its first line."""

    line: int
    name: str
    text: str

    @cached_property
    def flags(self) -> Mapping[str, str]:
        """What stands before the arguments: ``--from=page``."""
        return dict(_FLAG.findall(self.text[: self._begin]))

    @cached_property
    def exec_form(self) -> bool:
        """Whether it is a JSON array: no shell stands between, signals arrive."""
        return self.text[self._begin :].startswith("[")

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The arguments; of the shell form as a shell would see them."""
        rest = self.text[self._begin :]
        try:
            words = json.loads(rest) if self.exec_form else shlex.split(rest)
        except ValueError as ex:
            raise Failure(f"Dockerfile:{self.line}: {self.name} cannot be read ({ex}).") from ex
        return tuple(words)

    @property
    def _begin(self) -> int:
        """Where the arguments begin, after the flags of the instruction itself."""
        at = 0
        while match := _FLAG.match(self.text, at):
            at = match.end()
        return at

    def __str__(self) -> str:
        return f"{self.name} {self.text}"


@dataclass(frozen=True)
class Stage:
    """What is built upon *base*: another stage, or an image of somebody else."""

    name: str
    base: str
    line: int
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Recipe:
    """All stages of a Dockerfile by name, in its order."""

    stages: Mapping[str, Stage]

    @property
    def targets(self) -> tuple[str, ...]:
        """The stages that can run: those with a command."""
        ends = (name for name in self.stages if self.last(name, "CMD"))
        return tuple(ends)

    def lineage(self, target: str) -> list[Stage]:
        """*target* and what it is built upon, from the ground up."""
        if target not in self.stages:
            raise Failure(f"The Dockerfile has no target {target}: {', '.join(self.targets)}.")
        found = [self.stages[target]]
        while found[-1].base in self.stages:
            found.append(self.stages[found[-1].base])
        return found[::-1]

    def needed(self, target: str) -> list[str]:
        """Every stage that *target* is made of, itself too."""
        found = [stage.name for stage in self.lineage(target)]
        for step in self.steps(target):
            stage = step.flags.get("from", "")
            if stage in self.stages:
                found += self.needed(stage)
        return list(dict.fromkeys(found))

    def steps(self, target: str) -> Iterator[Step]:
        """All steps of *target*, with those that it inherits."""
        for stage in self.lineage(target):
            yield from stage.steps

    def last(self, target: str, name: str) -> Step | None:
        """The instruction *name* that counts in the end."""
        named = [step for step in self.steps(target) if step.name == name]
        return named[-1] if named else None

    def environment(self, target: str) -> dict[str, str]:
        """The variables that *target* sets."""
        words = (word for step in self.steps(target) if step.name == "ENV" for word in step.words)
        return dict(word.split("=", 1) for word in words)

    def workdir(self, target: str) -> str:
        """Where the commands of *target* run."""
        step = self.last(target, "WORKDIR")
        return step.words[0] if step else "/"


def read(text: str | None = None) -> Recipe:
    """Return the recipe in *text*, which is our Dockerfile's unless another is given."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for step in _steps(DOCKERFILE.read_text() if text is None else text):
        if step.name not in KNOWN:
            raise Failure(f"Dockerfile:{step.line}: {step.name} is not used here.")
        if step.name == "FROM":
            base, *named = step.words
            name = named[1] if len(named) == 2 and named[0].upper() == "AS" else ""
            if not name or name in stages:
                raise Failure(f"Dockerfile:{step.line}: every stage has a name of its own.")
            stage = stages[name] = Stage(name, base, step.line)
        elif stage is None:
            raise Failure(f"Dockerfile:{step.line}: {step.name} stands before the first FROM.")
        else:
            stage.steps.append(step)
    return Recipe(stages)


def filled(word: str, variables: Mapping[str, str]) -> str:
    """Put *variables* where ``$NAME`` or ``${NAME}`` stand in *word*."""
    return _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), word)


def _steps(text: str) -> Iterator[Step]:
    """Join lines that end with a backslash; comments and empty lines say nothing."""
    begun: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not begun:
            first = number
        begun.append(line.strip().removesuffix("\\").strip())
        if line.rstrip().endswith("\\"):
            continue
        name, _, rest = " ".join(begun).partition(" ")
        yield Step(first, name.upper(), rest.strip())
        begun = []
