"""The one list of packages, whole and to be trusted."""

import tomllib

from machines.environment import LOCK, ROOT


def test_every_locked_package_has_hashes_and_no_address() -> None:
    lock = LOCK.read_text()
    packages = [line for line in lock.splitlines() if line[:1].isalnum()]

    assert "://" not in lock
    assert all("==" in package and package.endswith("\\") for package in packages)


def test_the_lock_has_every_package_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"].values()
    asked = [*project["project"]["dependencies"], *(each for group in groups for each in group)]
    names = {name for each in asked if isinstance(each, str) for name in [pure(each)]}

    assert names <= {pure(line) for line in LOCK.read_text().splitlines() if line[:1].isalnum()}


def pure(requirement: str) -> str:
    """The name in front of extras, versions and markers."""
    return next(
        requirement[:at]
        for at, sign in enumerate(requirement + " ")
        if not (sign.isalnum() or sign in "-_.")
    )
