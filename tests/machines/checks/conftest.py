"""A checkout of the tests' own, in which one thing at a time is broken."""

import re
import shutil
from pathlib import Path

import pytest

from machines import checks
from machines.apps import APPS
from machines.checks import told
from machines.checks.deployment import Deployment
from machines.environment import ROOT
from tests.machines.checks.breaking import Breaking

LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "dist", "tests", "*.md", "cli")
PUBLISHED = {
    "primary_region": "iad",
    "PUBLIC_ORIGIN": "https://keyarc.io",
    "CONTEXT_PUBLIC_KEYS": told.NO_KEYS_YET,
}
READ = ("handlers", "machines", "migrations", "shared", "web", ".github")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pristine")
    for name in READ:
        shutil.copytree(ROOT / name, root / name, ignore=LEFT_OUT)
    for name in (".dockerignore", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    for file in (root / "machines").glob("*.toml"):
        file.write_text(as_published(file.read_text()))
    return root


def as_published(toml: str) -> str:
    """An installation writes its own names, region, origin and keys into the tomls."""
    for name, app in APPS.items():
        toml = re.sub(rf"\b{re.escape(app.fly_name)}\b", f"keyarc-{name}", toml)
    for key, value in PUBLISHED.items():
        toml = re.sub(rf'^({key} = )".*"$', rf'\1"{value}"', toml, flags=re.MULTILINE)
    return toml


@pytest.fixture
def breaking(pristine: Path) -> Breaking:
    """Give what breaks one file of a whole checkout and asks one rule."""
    return Breaking(pristine, lambda rule: list(checks.RULES[rule](Deployment(pristine))))
