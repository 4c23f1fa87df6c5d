"""The locks of the images are parts of the one that the tests run with."""

import re
import subprocess
from pathlib import Path

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
def test_an_image_installs_what_its_groups_ask_for_and_no_more(image: str, tmp_path: Path) -> None:
    lock.compile_image(image, tmp_path / "anew.txt")

    anew, stored = (packages(file) for file in (tmp_path / "anew.txt", lock.path(image)))

    assert anew == stored


def packages(file: Path) -> list[str]:
    """Versions and markers; hashes grow when a build for another system is published."""
    return [line for line in file.read_text().splitlines() if PACKAGE.match(line)]


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
