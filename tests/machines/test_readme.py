"""Whoever looks for something in ``machines/`` finds it in the table of its README."""

import fnmatch
import re

from machines.environment import ROOT

MACHINES = ROOT / "machines"
NO_NEED = {"README.md", "__init__.py", "__main__.py", "__pycache__"}


def test_the_table_names_every_file_and_folder() -> None:
    cells = re.findall(r"^\| (`.*?`) \|", (MACHINES / "README.md").read_text(), re.MULTILINE)
    patterns = [name.rstrip("/") for cell in cells for name in re.findall(r"`([^`]+)`", cell)]

    there = {path.name for path in MACHINES.iterdir()} - NO_NEED

    named = {name for pattern in patterns for name in fnmatch.filter(there, pattern)}
    assert there - named == set()
