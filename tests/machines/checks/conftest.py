"""A checkout of the tests' own, in which one thing at a time is broken."""

import shutil
from pathlib import Path

import pytest

from machines import checks
from machines.checks.deployment import Deployment
from machines.environment import ROOT
from tests.machines.checks.breaking import Breaking

LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "dist", "tests", "*.md", "cli")
READ = ("handlers", "machines", "migrations", "shared", "web", ".github")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pristine")
    for name in READ:
        shutil.copytree(ROOT / name, root / name, ignore=LEFT_OUT)
    for name in (".dockerignore", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


@pytest.fixture
def breaking(pristine: Path) -> Breaking:
    """Give what breaks one file of a whole checkout and asks one rule."""
    return Breaking(pristine, lambda rule: list(checks.RULES[rule](Deployment(pristine))))
