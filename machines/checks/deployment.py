"""All that a deployment reads, as it stands in a checkout."""

import ast
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from machines import context, dockerfile
from machines.apps import APPS
from machines.context import Files
from machines.dockerfile import Recipe
from machines.failures import Failure

PAGE = "frontend"
SERVICES = tuple(name for name in APPS if name != PAGE)


@dataclass(frozen=True)
class Deployment:
    """The checkout in *root*."""

    root: Path

    @cached_property
    def tomls(self) -> Mapping[str, Mapping[str, Any]]:
        """The ``fly.toml`` of each app."""
        return {name: self._toml(f"machines/{name}.toml") for name in APPS}

    @cached_property
    def jobs_toml(self) -> Mapping[str, Any]:
        """What builds the image of the jobs."""
        return self._toml("machines/jobs.toml")

    @cached_property
    def recipe(self) -> Recipe:
        """The Dockerfile."""
        return dockerfile.read(self.text("machines/Dockerfile"))

    @cached_property
    def files(self) -> Files:
        """What may enter an image."""
        return context.of_checkout(self.root)

    @cached_property
    def workflows(self) -> Mapping[str, str]:
        """What GitHub runs: workflows, and actions of our own."""
        folder = self.root / ".github"
        found = sorted(file for file in folder.rglob("*.y*ml") if file.is_file())
        return {file.relative_to(self.root).as_posix(): file.read_text() for file in found}

    def text(self, path: str) -> str:
        """Return what is in a file."""
        try:
            return (self.root / path).read_text()
        except OSError as ex:
            raise Failure(f"{path} cannot be read: {ex.strerror}.") from ex

    def number(self, path: str, name: str) -> float:
        """Return the number that the Python file *path* gives to *name*; not a number if none."""
        for node in ast.parse(self.text(path)).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                names = {target.id for target in node.targets if isinstance(target, ast.Name)}
                if name in names and isinstance(node.value.value, int | float):
                    return float(node.value.value)
        return float("nan")

    def nginx_seconds(self, directive: str) -> float:
        """Return how long a directive of nginx.conf says; not a number if it does not."""
        text = self.text("machines/nginx.conf")
        found = re.search(rf"^\s*{directive}\s+(\d+)s;", text, re.MULTILINE)
        return float(found[1]) if found else float("nan")

    def copied(self, target: str) -> dict[str, int]:
        """Return the files of the checkout that *target* holds, with the line that says so."""
        return {
            path: step.line
            for step in self.recipe.steps(target)
            if step.name == "COPY" and "from" not in step.flags
            for source in step.words[:-1]
            for path, _ in self.files.named(source)
        }

    def _toml(self, path: str) -> Mapping[str, Any]:
        try:
            return tomllib.loads(self.text(path))
        except tomllib.TOMLDecodeError as ex:
            raise Failure(f"{path} is no TOML: {ex}.") from ex


def table(settings: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a table, empty where there is none or something else: brackets are another rule's."""
    found: Any = settings
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def tables(settings: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return an array of tables in the same way."""
    found = settings.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def at(name: str, key: str, why: str) -> str:
    """Say what is the matter with a key of an app's toml."""
    return f"machines/{name}.toml: {key}: {why}"
