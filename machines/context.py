"""What a build of an image may copy: the checkout without what .dockerignore keeps out."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Rule:
    """One line of a .dockerignore."""

    pattern: str
    takes: bool

    @cached_property
    def _fits(self) -> re.Pattern[str]:
        return re.compile(_regex(self.pattern) + "(?:/.*)?", re.DOTALL)

    def fits(self, path: str) -> bool:
        """Whether it speaks of *path*, or of a folder above it."""
        return self._fits.fullmatch(path) is not None


class Files:
    """The files below *root* that *rules* let in."""

    def __init__(self, root: Path, rules: Iterable[Rule] = ()) -> None:
        self.root = root
        self._rules = tuple(rules)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every file, by its path from the root."""
        return tuple(sorted(self._below(self.root)))

    def named(self, pattern: str) -> list[tuple[str, str]]:
        """What *pattern* of a COPY means: paths, each with its place in the folder it came by.

        That place is empty where the pattern named the file itself.
        """
        clean = pattern.strip("/").removeprefix("./")
        fits = re.compile("()(.*)" if clean == "." else f"({_regex(clean)})(?:/(.*))?", re.DOTALL)
        matches = ((path, fits.fullmatch(path)) for path in self.paths)
        return [(path, match[2] or "") for path, match in matches if match]

    def _below(self, folder: Path) -> Iterator[str]:
        for each in os.scandir(folder):
            path = Path(each.path).relative_to(self.root).as_posix()
            if each.is_dir(follow_symlinks=False):
                if self._takes(path) or self._brings_back_from(path):
                    yield from self._below(Path(each.path))
            elif self._takes(path):
                yield path

    def _brings_back_from(self, folder: str) -> bool:
        """Whether a rule with ``!`` names something in *folder*, which another keeps out."""
        return any(rule.takes and rule.pattern.startswith(f"{folder}/") for rule in self._rules)

    def _takes(self, path: str) -> bool:
        """The last rule that fits decides."""
        fitting = [rule.takes for rule in self._rules if rule.fits(path)]
        return fitting[-1] if fitting else True


def of_checkout(root: Path) -> Files:
    """Return what is sent to a build that begins in *root*."""
    lines = [line.strip() for line in (root / ".dockerignore").read_text().splitlines()]
    rules = (
        Rule(line.removeprefix("!").strip("/"), line.startswith("!"))
        for line in lines
        if line and not line.startswith("#")
    )
    return Files(root, rules)


def _regex(pattern: str) -> str:
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(meaning.get(piece) or re.escape(piece) for piece in pieces)
