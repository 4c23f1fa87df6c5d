"""handlers/README.md names every problem, every permission and every audit action."""

import re
from pathlib import Path

from shared.audit import Action
from shared.keyarc.commits import Role
from shared.permissions import HOLDERS, Permission
from shared.problems import CATALOGUE

README = Path(__file__).parents[2] / "handlers" / "README.md"


def rows(heading: str) -> dict[str, list[str]]:
    """Return the table under *heading*, by the first cell of each row."""
    text = README.read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = {}
    for line in section.splitlines():
        if match := re.match(r"\| `([a-z:._-]+)` \| (.*) \|", line):
            found[match[1]] = match[2].split(" | ")
    return found


def test_the_readme_lists_every_problem_with_its_status() -> None:
    told = {slug: int(cells[0]) for slug, cells in rows("Problems").items()}

    assert told == {problem.slug: problem.number for problem in CATALOGUE}


def test_the_readme_says_which_role_holds_which_permission() -> None:
    told = {
        permission: {role for role, cell in zip(Role, cells, strict=True) if cell == "yes"}
        for permission, cells in rows("Permissions").items()
    }

    assert told == {permission.value: HOLDERS[permission] for permission in Permission}


def test_the_readme_lists_every_audit_action() -> None:
    assert list(rows("Audit actions")) == [action.value for action in Action]
