"""The locks of the images are parts of the one that the tests run with."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from machines import lock
from machines.environment import LOCK, ROOT

PACKAGE = re.compile(r"^([a-z0-9._-]+)==(\S+)")
IMAGES = tuple(lock.IMAGES)


def locked(file: Path) -> dict[str, tuple[str, frozenset[str]]]:
    """Each package's version and hashes."""
    found: dict[str, tuple[str, set[str]]] = {}
    for line in file.read_text().splitlines():
        if package := PACKAGE.match(line):
            hashes: set[str] = set()
            found[package[1]] = (package[2], hashes)
        elif "--hash=" in line:
            hashes.add(line.split("--hash=")[1].split()[0])
    return {name: (version, frozenset(hashes)) for name, (version, hashes) in found.items()}


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_installs_the_versions_and_hashes_that_were_tested(image: str) -> None:
    whole = locked(LOCK)

    part = locked(lock.path(image))

    assert part
    assert {name: each for name, each in part.items() if whole.get(name) != each} == {}


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_installs_all_that_its_groups_ask_for(image: str) -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]

    asked = {name for group in lock.IMAGES[image] for name in names(groups, group)}

    assert asked <= set(locked(lock.path(image)))


def names(groups: dict[str, list[Any]], group: str) -> set[str]:
    found: set[str] = set()
    for each in groups[group]:
        if isinstance(each, str):
            found.add(re.split(r"[^A-Za-z0-9._-]", each)[0].lower())
        else:
            found |= names(groups, each["include-group"])
    return found


@pytest.mark.parametrize("image", IMAGES)
def test_every_package_of_an_image_has_a_build_for_its_python_and_its_system(
    image: str, tmp_path: Path
) -> None:
    """The tests may run on another Python than the image: what is installed there is asked for."""
    recipe = (ROOT / "machines" / "Dockerfile").read_text()
    version = re.search(r"^FROM python:(\d\.\d+)-slim", recipe, re.MULTILINE)
    assert version

    asked = subprocess.run(
        [
            *(str(lock.UV), "pip", "install", "--dry-run", f"--target={tmp_path}"),
            *(f"--python-version={version[1]}", "--python-platform=x86_64-manylinux_2_28"),
            *("--only-binary=:all:", "--require-hashes", "--no-deps"),
            *("--requirement", str(lock.path(image))),
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode == 0, asked.stderr
